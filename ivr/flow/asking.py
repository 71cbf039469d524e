"""The interpreter's part of ``ask``: what a caller answered to the questions of a survey."""

from dataclasses import dataclass

from ivr.flow.values import Values, with_value

ANSWERS_MAX = 20
"""Questions that one contact may have answered: no caller stays for more."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One question of a hotline, by its name, and the key that was pressed."""

    question: str
    key: str


Answers = tuple[Answered, ...]
"""In the order in which they were given; who is asked again has answered anew."""


def with_answer(answers: Answers, given: Answered) -> Answers | None:
    """These answers and one more; None where there are too many."""
    others = tuple(each for each in answers if each.question != given.question)
    return None if len(others) >= ANSWERS_MAX else (*others, given)


def with_key(values: Values, index: int, key: str, *, is_number: bool) -> Values:
    """The values with an answer in one of them."""
    return with_value(values, index, int(key) if is_number else key)

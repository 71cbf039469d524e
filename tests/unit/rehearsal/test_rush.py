"""A crisis, too many callers, and who served the caller before, in a rehearsed call."""

import pytest
from small_hotline import played

pytestmark = pytest.mark.unit

PRESSES = 'steps:\n  - press: "1"\n'


def said_of(test: str) -> list[str]:
    return [type(line).__name__ for line in played(test).transcript.lines]


@pytest.mark.parametrize("more", ["crisis: {data: none}", "overload: true\nahead: {data: 1}"])
def test_caller_goes_on_by_her_flow_in_a_crisis_and_where_too_many_wait(more: str) -> None:
    done = played(f'experts: {{"1": answers}}\n{more}\n{PRESSES}outcome: work_order\n')
    assert done.failures == ()
    assert "GivenUp" in said_of(f'experts: {{"1": answers}}\n{more}\n{PRESSES}')


@pytest.mark.parametrize("overload", ["false", "true"])
def test_expert_who_is_free_answers_however_many_wait(overload: str) -> None:
    test = f'experts: {{"1": answers}}\noverload: {overload}\n{PRESSES}  - expect: {{agent: "1"}}\n'
    assert played(f"{test}  - hang up\noutcome: served\n").failures == ()


def test_wait_that_was_not_announced_is_none() -> None:
    done = played(f"{PRESSES}  - expect: {{expected_wait: 3m}}\n")
    assert done.failures[0].expected == "expected_wait: 3m"
    assert done.failures[0].happened.startswith("expected_wait: none")

"""Conditions and small sums of an author: read, typed and made runnable when the site is loaded.

They are written in CEL, in the part of it that a hotline's flow needs: ``&& || !``, comparisons,
``in`` with a list, arithmetic on whole numbers, and ``startsWith``, ``endsWith``, ``contains`` and
``size`` on texts. Precedence and meaning are those of the specification
(github.com/google/cel-spec, doc/langdef.md, "Syntax", "List of Standard Definitions"). CEL alone
would find a misspelt name or a number held against a text when a caller comes; here both are
mistakes of the file, and so is what can never be true. Decision: docs/decisions/0013.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ivr.flow import expression_runs as runs
from ivr.flow.expression_runs import Plan
from ivr.flow.expression_terms import CALLED, Term, check_possible, constant, demand, demand_same
from ivr.flow.expression_words import Misread, Token, Why, Word, words_of
from ivr.flow.problems import did_you_mean, listing, quoted
from ivr.flow.secret_words import LEAVES, REMEDY
from ivr.flow.values import LANGUAGE, Kind, Slot, Value, Values

EXPRESSION_CHARS_MAX = 500
"""Longer ones are no longer read by people; set variables on the way instead."""

DEPTH_MAX = 20
"""Brackets and signs within one another; deeper ones are a mistake, or an attack."""


@dataclass(frozen=True, slots=True)
class Names:
    """What an expression may name: the flow's variables, and ``language``.

    ``languages`` are those of the hotline, None when they could not be read.
    """

    variables: Mapping[str, Slot]
    languages: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read: its text, its type, and the names in it, each once."""

    text: str
    kind: Kind
    names: tuple[str, ...]
    run: runs.Run = field(compare=False, repr=False)
    plan: Plan = field(compare=False, repr=False)
    """How ``run`` is made, so that it can be made again for other places."""
    places: Mapping[int, int] | None = field(default=None, compare=False, repr=False)
    """Where the variables of ``plan`` lie now, if elsewhere."""

    def moved(self, slots: Mapping[int, int]) -> "Expression":
        """The same for values that lie elsewhere: from each old place of a variable to its new.

        Made once more rather than wrapped, so that a moved one runs no slower; not read once
        more, since a flow that is called a hundred times is moved a hundred times.
        """
        before = self.places
        places = slots if before is None else {at: slots[to] for at, to in before.items()}
        run = self.plan.made(places)
        return Expression(self.text, self.kind, self.names, run, self.plan, places)

    def value(self, values: Values, language: str) -> Value | None:
        """What it comes to; None where it comes to nothing, as a number beyond 64 bits."""
        try:
            return self.run(values, language)
        except runs.FAULTS:
            return None


def read_expression(text: str, names: Names, *, wanted: Kind) -> Expression:
    """The expression of this text, of this type. Raises ``Misread`` with the place in the text."""
    if len(text) > EXPRESSION_CHARS_MAX:
        raise Misread(
            Why.FORM,
            EXPRESSION_CHARS_MAX + 1,
            f"this expression has {len(text)} characters",
            f"At most {EXPRESSION_CHARS_MAX} are read; set variables on the way, and ask for them.",
        )
    reader = _Reader(words_of(text), names)
    term = reader.whole()
    if term.kind is not wanted:
        raise Misread(
            Why.TYPE,
            term.column,
            f"{CALLED[wanted]} is wanted here, and this is {CALLED[term.kind]}",
            _WANTED.get(wanted, "Put one here."),
        )
    return Expression(text, term.kind, tuple(reader.named), term.plan.made(), term.plan)


_WANTED = {
    Kind.BOOL: "Compare it with something, such as ==.",
    Kind.INT: "Write a whole number, or a sum of them.",
    Kind.TEXT: "Write a text in quotes, or a variable that holds one.",
}
_COMPARING = ("==", "!=", "<", "<=", ">", ">=", "in")
_WORDS_ELSEWHERE = {"and": "&&", "or": "||", "not": "!", "True": "true", "False": "false"}
_CALLS_KNOWN = ("size", *runs.TEXT_TESTS)
_NOT_HERE = {
    "?": "Conditions here have no `? :`; write a branch with two ways.",
    "{": "Conditions here have no maps.",
    "[": "A list stands only behind `in`.",
}


class _Reader:
    """Reads words by recursive descent, a method for each rule of CEL's grammar."""

    def __init__(self, words: list[Token], names: Names) -> None:
        self._words = words
        self._names = names
        self._at = 0
        self._depth = 0
        self.named: dict[str, None] = {}

    def whole(self) -> Term:
        """The whole expression, to its end."""
        term = self._or()
        self._end_with(Word.END, "")
        return term

    # The rules, from the loosest to the tightest binding.

    def _or(self) -> Term:
        return self._joined(self._and, "||", runs.either)

    def _and(self) -> Term:
        return self._joined(self._relation, "&&", runs.both)

    def _joined(
        self,
        part: Callable[[], Term],
        sign: str,
        join: Callable[[runs.Run, runs.Run], runs.Run],
    ) -> Term:
        left = part()
        while self._taken(sign) is not None:
            right = part()
            for side in (left, right):
                demand(side, Kind.BOOL, f"{sign} joins two conditions")
            left = Term(Kind.BOOL, Plan(join, left.plan, right.plan), left.column)
        return left

    def _relation(self) -> Term:
        left = self._sum()
        while (sign := self._taken(*_COMPARING)) is not None:
            left = self._among(left) if sign.value == "in" else self._compared(left, sign)
        return left

    def _compared(self, left: Term, sign: Token) -> Term:
        right = self._sum()
        demand_same(left, right)
        if sign.value not in ("==", "!=") and left.kind is Kind.BOOL:
            raise Misread(
                Why.TYPE,
                sign.column,
                f"{sign.value} does not compare yes and no",
                "Use == or !=, or the variable alone.",
            )
        if sign.value in ("==", "!="):
            check_possible(left, right)
            check_possible(right, left)
        plan = Plan(runs.compared, str(sign.value), left.plan, right.plan)
        return Term(Kind.BOOL, plan, left.column)

    def _among(self, left: Term) -> Term:
        opening = self._next()
        if opening.value != "[" or opening.word is not Word.SIGN:
            raise Misread(
                Why.FORM,
                opening.column,
                f"Behind `in` stands {opening} instead of a list",
                'Write the list out, such as ["gold", "silver"].',
            )
        items: list[Term] = []
        while not items or self._taken(",") is not None:
            items.append(self._sum())
            demand_same(left, items[-1])
            check_possible(left, items[-1])
        self._end_with(Word.SIGN, "]")
        literals = frozenset(item.literal for item in items if item.literal is not None)
        if all(item.literal is not None for item in items):
            return Term(Kind.BOOL, Plan(runs.among_constants, left.plan, literals), left.column)
        plan = Plan(runs.among, left.plan, *(item.plan for item in items))
        return Term(Kind.BOOL, plan, left.column)

    def _sum(self) -> Term:
        return self._calculated(self._product, "+", "-")

    def _product(self) -> Term:
        return self._calculated(self._signed, "*", "/", "%")

    def _calculated(self, part: Callable[[], Term], *signs: str) -> Term:
        left = part()
        while (sign := self._taken(*signs)) is not None:
            right = part()
            for side in (left, right):
                demand(side, Kind.INT, f"{sign.value} calculates with whole numbers")
            if sign.value in ("/", "%") and right.literal == 0:
                raise Misread(
                    Why.NEVER, sign.column, "Nothing is divided by 0", "Divide by another number."
                )
            plan = Plan(runs.calculated, str(sign.value), left.plan, right.plan)
            left = Term(Kind.INT, plan, left.column)
        return left

    def _signed(self) -> Term:
        sign = self._taken("!", "-")
        if sign is None:
            return self._asked_of()
        self._deeper(sign)
        inner = self._signed()
        self._depth -= 1
        if sign.value == "!":
            demand(inner, Kind.BOOL, "! turns a condition round")
            return Term(Kind.BOOL, Plan(runs.negated, inner.plan), sign.column)
        demand(inner, Kind.INT, "- stands before whole numbers")
        if isinstance(inner.literal, int):
            return constant(-inner.literal, Kind.INT, sign.column)
        return Term(Kind.INT, Plan(runs.opposite, inner.plan), sign.column)

    def _asked_of(self) -> Term:
        term = self._primary()
        while self._taken(".") is not None:
            name = self._next()
            if name.word is not Word.NAME:
                raise self._refuse(name)
            self._end_with(Word.SIGN, "(")
            term = self._asked(term, name)
        return term

    def _asked(self, term: Term, name: Token) -> Term:
        """``term.name(...)``, behind its opening bracket."""
        called = str(name.value)
        if called not in _CALLS_KNOWN:
            raise _unknown_call(name)
        demand(term, Kind.TEXT, f"{called} asks about a text")
        if called == "size":
            self._end_with(Word.SIGN, ")")
            return Term(Kind.INT, Plan(runs.length, term.plan), term.column)
        part = self._inner(name)
        demand(part, Kind.TEXT, f"{called} looks for a text")
        plan = Plan(runs.tested, called, term.plan, part.plan)
        return Term(Kind.BOOL, plan, term.column)

    def _inner(self, opening: Token) -> Term:
        self._deeper(opening)
        term = self._or()
        self._depth -= 1
        self._end_with(Word.SIGN, ")")
        return term

    def _primary(self) -> Term:
        token = self._next()
        match token.word:
            case Word.INT:
                return constant(token.value, Kind.INT, token.column)
            case Word.TEXT:
                return constant(token.value, Kind.TEXT, token.column)
            case Word.NAME if token.value in ("true", "false"):
                return constant(token.value == "true", Kind.BOOL, token.column)
            case Word.NAME if self._taken("(") is not None:
                return self._size(token)
            case Word.NAME:
                return self._named(token)
            case Word.SIGN if token.value == "(":
                return self._inner(token)
            case _:
                raise self._refuse(token)

    def _size(self, name: Token) -> Term:
        if name.value != "size":
            raise _unknown_call(name)
        text = self._inner(name)
        demand(text, Kind.TEXT, "size asks about a text")
        return Term(Kind.INT, Plan(runs.length, text.plan), name.column)

    def _named(self, token: Token) -> Term:
        name = str(token.value)
        self.named[name] = None
        if name == LANGUAGE:
            languages = self._names.languages or ()
            heard = Plan(runs.heard)
            return Term(Kind.TEXT, heard, token.column, choices=languages, name=name)
        slot = self._names.variables.get(name)
        if slot is None:
            raise self._unknown(token)
        held = slot.variable
        if held.kind is Kind.SECRET:
            raise Misread(Why.SECRET, token.column, f"the secret {quoted(name)} {LEAVES}", REMEDY)
        choices = tuple(dict.fromkeys((*held.choices, str(held.default)))) if held.choices else ()
        plan = Plan(runs.variable, slot.index)
        return Term(held.kind, plan, token.column, choices=choices, name=name)

    def _unknown(self, token: Token) -> Misread:
        name = str(token.value)
        known = (LANGUAGE, *self._names.variables)
        otherwise = f"Declare it under `vars:` of the flow; known are: {listing(known)}."
        if name in _WORDS_ELSEWHERE:
            otherwise = f"CEL writes {_WORDS_ELSEWHERE[name]} for {name}."
            return Misread(Why.FORM, token.column, f"{quoted(name)} is no word of CEL", otherwise)
        return Misread(
            Why.NAME,
            token.column,
            f"there is no variable {quoted(name)} in this flow",
            did_you_mean(name, known, otherwise=otherwise),
        )

    # Words.

    def _next(self) -> Token:
        token = self._words[self._at]
        self._at = min(self._at + 1, len(self._words) - 1)
        return token

    def _taken(self, *signs: str) -> Token | None:
        token = self._words[self._at]
        if token.value in signs and token.word in (Word.SIGN, Word.NAME):
            return self._next()
        return None

    def _end_with(self, word: Word, value: str) -> None:
        token = self._next()
        if token.word is not word or token.value != value:
            raise self._refuse(token, wanted=value)

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise Misread(
                Why.FORM,
                token.column,
                f"more than {DEPTH_MAX} brackets or signs stand within one another",
                "Set variables on the way, and ask for them.",
            )

    def _refuse(self, token: Token, *, wanted: str = "") -> Misread:
        remedy = "Mend or remove it."
        if token.word is Word.SIGN and token.value in _NOT_HERE:
            remedy = _NOT_HERE[str(token.value)]
        elif token.word is Word.NAME and token.value in _WORDS_ELSEWHERE:
            remedy = f"CEL writes {_WORDS_ELSEWHERE[str(token.value)]} for {token.value}."
        elif wanted:
            remedy = f"Write {wanted} here."
        elif token.word is Word.END:
            remedy = "Write the rest of it."
        return Misread(Why.FORM, token.column, f"{token} is not expected here", remedy)


def _unknown_call(name: Token) -> Misread:
    return Misread(
        Why.FORM,
        name.column,
        f"there is no function {name} here",
        did_you_mean(
            str(name.value), _CALLS_KNOWN, otherwise=f"Functions here: {listing(_CALLS_KNOWN)}."
        ),
    )

"""What every ``Lookups`` answers, whoever stands behind it: one table for the fake and the real."""

from dataclasses import dataclass, field

from ivr.call.effects import RequestLookup
from ivr.call.model import LookupId
from ivr.flow.services import LookupOutcome, Sent, SentAs, Wanted
from ivr.flow.values import VALUE_CHARS_MAX, Kind, Value
from router.model import ContactId

LEVEL, BALANCE, COMPLAINED = (
    Wanted("level", Kind.TEXT),
    Wanted("balance", Kind.INT),
    Wanted("has_complaint", Kind.BOOL),
)
ANSWERS = {each.name: each.kind for each in (LEVEL, BALANCE, COMPLAINED)}
WHOLE: dict[str, object] = {"level": "gold", "balance": 12, "has_complaint": True}


@dataclass(frozen=True)
class Scenario:
    """A service says these fields, or knows nothing, or can not answer; that is what must come."""

    name: str
    outcome: LookupOutcome
    values: tuple[Value, ...] = ()
    wants: tuple[Wanted, ...] = (LEVEL,)
    fields: dict[str, object] = field(default_factory=dict[str, object])
    said: LookupOutcome = LookupOutcome.FOUND


F, FAILED = LookupOutcome.FOUND, LookupOutcome.FAILED
SCENARIOS = (
    Scenario("the wanted field", F, ("gold",), fields=WHOLE),
    Scenario("in the wanted order", F, (12, True, "gold"), (BALANCE, COMPLAINED, LEVEL), WHOLE),
    Scenario("nothing wanted", F, (), wants=(), fields=WHOLE),
    Scenario("more than was declared", F, ("gold",), fields={**WHOLE, "owner": {"name": "x"}}),
    Scenario("empty text", F, ("",), fields={"level": ""}),
    Scenario("a field missing", FAILED, fields={"balance": 12}),
    Scenario("a field null", FAILED, fields={"level": None}),
    Scenario("a number for a text", FAILED, fields={"level": 3}),
    Scenario("a text for a number", FAILED, (), (BALANCE,), {"balance": "12"}),
    Scenario("a truth for a number", FAILED, (), (BALANCE,), {"balance": True}),
    Scenario("a fraction for a number", FAILED, (), (BALANCE,), {"balance": 1.5}),
    Scenario("a number too large", FAILED, (), (BALANCE,), {"balance": 2**63}),
    Scenario("the largest number", F, (2**63 - 1,), (BALANCE,), {"balance": 2**63 - 1}),
    Scenario("a number for a truth", FAILED, (), (COMPLAINED,), {"has_complaint": 1}),
    Scenario("a text too long", FAILED, fields={"level": "x" * (VALUE_CHARS_MAX + 1)}),
    Scenario(
        "the longest text", F, ("x" * VALUE_CHARS_MAX,), fields={"level": "x" * VALUE_CHARS_MAX}
    ),
    Scenario("one of two wrong", FAILED, (), (LEVEL, BALANCE), {"level": "gold", "balance": ""}),
    Scenario("nothing known", LookupOutcome.NOT_FOUND, said=LookupOutcome.NOT_FOUND),
    Scenario("no answer", FAILED, said=LookupOutcome.FAILED),
)


def request(
    number: int = 1,
    *,
    service: str = "customer",
    wants: tuple[Wanted, ...] = (LEVEL,),
    sends: tuple[Sent, ...] = (Sent("account", SentAs.VALUE, "4711"),),
) -> RequestLookup:
    """The lookup of this number, each of a contact of its own."""
    contact = ContactId(f"c{number}")
    return RequestLookup(contact, LookupId(f"{contact}.l1"), service, sends, wants)

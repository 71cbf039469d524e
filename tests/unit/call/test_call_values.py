"""What a flow remembers goes with the contact, through a snapshot too, and decides what is said."""

import msgspec
import pytest
from call_node import site

from ivr.call.core import CallCore
from ivr.call.effects import CallEffect, PlayPrompts
from ivr.call.events import CallArrived, CallEvent, CallTimerFired, DigitReceived, LegAnswered
from ivr.call.model import LegId, PartyRef
from ivr.call.snapshot import CallSnapshot
from ivr.flow.conditions import Names, read_expression
from ivr.flow.model import (
    Branch,
    Case,
    Change,
    Flow,
    HangUp,
    Held,
    Hotline,
    Language,
    Menu,
    Node,
    NodeName,
    PromptKey,
    Retry,
    Say,
    SayAs,
    SetVariables,
)
from ivr.flow.values import Kind, Slot, Variable
from router.model import ContactId

pytestmark = pytest.mark.unit

N = NodeName
CONTACT, LEG = ContactId("c1"), LegId("c1.0")
VARIABLES = (Variable("tries", Kind.INT, 0), Variable("known", Kind.BOOL, True))
NAMES = Names({each.name: Slot(each, at) for at, each in enumerate(VARIABLES)}, ("en-US",))
NODES: dict[NodeName, Node] = {
    N("count"): SetVariables(
        (Change("tries", 0, read_expression("tries + 1", NAMES, wanted=Kind.INT)),), N("sort")
    ),
    N("sort"): Branch(
        (Case(read_expression("tries > 2 && known", NAMES, wanted=Kind.BOOL), N("tell")),), N("ask")
    ),
    N("ask"): Menu(
        (PromptKey("again"),),
        {"1": N("count")},
        5_000,
        Retry(0, N("bye")),
        Retry(0, N("bye")),
    ),
    N("tell"): Say(SayAs.ORDINAL, Held("tries", 0), N("bye"), (PromptKey("try"),)),
    N("bye"): HangUp(),
}
HOTLINE = Hotline(
    "10086",
    ("10086",),
    (Language("en-US"),),
    "UTC",
    Flow("main", N("count"), NODES, VARIABLES),
)


def played(core: CallCore, event: CallEvent, at: int) -> list[tuple[str, ...]]:
    effects: list[CallEffect] = list(core.handle(event, at, wall=at))
    return [tuple(each.prompts) for each in effects if isinstance(each, PlayPrompts)]


def kept(core: CallCore) -> CallCore:
    """The core of a restart, from a snapshot that was written down."""
    written = msgspec.json.encode(core.snapshot(), order="deterministic")
    read = msgspec.json.decode(written, type=CallSnapshot)
    assert read == core.snapshot()
    active = site(HOTLINE)
    return CallCore.restored(read, {active.version: active})


@pytest.mark.parametrize("restarted", [False, True])
def test_third_try_is_counted_and_said(restarted: bool) -> None:
    core = CallCore()
    core.activate(site(HOTLINE))
    assert played(core, CallArrived(CONTACT, LEG, "10086", PartyRef("p1")), 1_000) == []
    assert played(core, LegAnswered(LEG), 1_100) == [("again",)]
    assert played(core, DigitReceived(LEG, "1"), 2_000) == [("again",)]
    if restarted:
        core = kept(core)
    assert played(core, DigitReceived(LEG, "1"), 3_000) == [("try", "ordinal/3")]
    assert played(core, CallTimerFired(), 3_001) == []

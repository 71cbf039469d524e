"""The promise to call back, as the call core makes it: once, with what the store needs."""

import pytest
from call_node import site

from ivr.call.core import CallCore
from ivr.call.effects import PromiseCallback, WriteRecord
from ivr.call.events import (
    CallArrived,
    ContactOverflowed,
    LegAnswered,
    LegEnded,
    PlaybackFinished,
)
from ivr.call.model import LegId, Outcome, PartyRef, PlaybackId, PlaybackOutcome
from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    MakeWorkOrder,
    NodeName,
    PromptKey,
    QueueExit,
)
from router.model import ContactId, OverflowCause, QueueId

pytestmark = pytest.mark.unit

N = NodeName
CONTACT, LEG = ContactId("c1"), LegId("c1.0")
BYE = PlaybackId("c1.0.p1")


def core() -> CallCore:
    nodes = {
        N("data"): EnterQueue("10086/data", 0, {exit: N("order") for exit in QueueExit}),
        N("order"): MakeWorkOrder("data", "data", 14_400_000, N("bye")),
        N("bye"): HangUp((PromptKey("goodbye"),)),
    }
    flow = Flow("main", N("data"), nodes)
    hotline = Hotline("10086", ("10086",), (Language("zh-CN"),), "Asia/Shanghai", flow)
    waiting = CallCore()
    waiting.activate(site(hotline))
    waiting.handle(CallArrived(CONTACT, LEG, "10086", PartyRef("party-1")), 1_000, wall=1_000)
    waiting.handle(LegAnswered(LEG), 1_100, wall=1_100)
    return waiting


def overflowed(cause: OverflowCause) -> ContactOverflowed:
    return ContactOverflowed(CONTACT, QueueId("main:10086/data"), cause)


@pytest.mark.parametrize("cause", [OverflowCause.NO_AGENTS, OverflowCause.TIMED_OUT])
def test_overflow_to_a_work_order_promises_once_with_its_cause(cause: OverflowCause) -> None:
    calls = core()
    effects = calls.handle(overflowed(cause), 9_000, wall=9_000)
    assert [effect for effect in effects if isinstance(effect, PromiseCallback)] == [
        PromiseCallback(
            order="c1.w1",
            contact=CONTACT,
            customer=PartyRef("party-1"),
            topic="data",
            reason=cause.value,
            skill="data",
            within_ms=14_400_000,
        )
    ]
    again = calls.handle(overflowed(cause), 9_001, wall=9_001)
    assert not any(isinstance(effect, PromiseCallback) for effect in again)


def test_contact_with_a_promise_ends_as_work_order() -> None:
    calls = core()
    calls.handle(overflowed(OverflowCause.NO_AGENTS), 9_000, wall=9_000)
    calls.handle(PlaybackFinished(LEG, BYE, PlaybackOutcome.PLAYED), 12_000, wall=12_000)
    (written,) = calls.handle(LegEnded(LEG, 16), 12_100, wall=12_100)
    assert isinstance(written, WriteRecord)
    assert written.record.outcome is Outcome.WORK_ORDER
    assert written.record.nodes == ("data", "order", "bye")


def test_caller_who_hangs_up_after_the_promise_keeps_it() -> None:
    calls = core()
    calls.handle(overflowed(OverflowCause.NO_AGENTS), 9_000, wall=9_000)
    (written,) = calls.handle(LegEnded(LEG, 16), 9_500, wall=9_500)
    assert isinstance(written, WriteRecord)
    assert written.record.outcome is Outcome.WORK_ORDER

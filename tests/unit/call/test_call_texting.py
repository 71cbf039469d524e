"""Texts and answers as the call core makes them: once each, bounded, told in the record."""

from collections.abc import Sequence

import msgspec
import pytest
from call_node import site

from ivr.call.core import CallCore
from ivr.call.effects import CallEffect, PushMessage, WriteRecord
from ivr.call.events import CallArrived, DigitReceived, LegAnswered, LegEnded
from ivr.call.model import LegId, PartyRef
from ivr.call.record import ContactRecord
from ivr.call.snapshot import CallSnapshot
from ivr.call.texting import MESSAGES_PER_CONTACT_MAX
from ivr.cli.contact_story import heading, told_of
from ivr.engine.once_only import intent_of, plan, planned_of
from ivr.flow.asking import Answered
from ivr.flow.model import (
    AskQuestion,
    Flow,
    HangUp,
    Held,
    Hotline,
    Language,
    Node,
    NodeName,
    PromptKey,
    Retry,
    TextMessage,
)
from ivr.flow.texts import Template, wording_of
from ivr.flow.values import Kind, Variable
from router.model import ContactId

pytestmark = pytest.mark.unit

N = NodeName
CONTACT, LEG, ZH = ContactId("c1"), LegId("c1.0"), Language("zh-CN")
TEXTS = {"balance": Template({"zh-CN": wording_of("余额{balance}")})}
AGAIN = Retry(0, N("bye"))


def hotline(times: int) -> Hotline:
    """So many texts one after the other, then a question."""
    nodes: dict[NodeName, Node] = {
        N(f"text{number}"): TextMessage(
            "balance",
            (Held("balance", 0),),
            N(f"text{number + 1}") if number < times else N("ask"),
            N("bye"),
        )
        for number in range(1, times + 1)
    }
    nodes[N("ask")] = AskQuestion(
        (PromptKey("ask"),), "service", {"5": N("bye")}, 3_000, AGAIN, AGAIN
    )
    nodes[N("bye")] = HangUp()
    variables = (Variable("balance", Kind.INT, 42),)
    flow = Flow("main", N("text1"), nodes, variables)
    return Hotline("10086", ("10086",), (ZH,), "Asia/Shanghai", flow, texts=TEXTS)


def answered(calls: CallCore, *, times: int, known: bool = True) -> Sequence[CallEffect]:
    calls.activate(site(hotline(times)))
    arrival = CallArrived(CONTACT, LEG, "10086", PartyRef("party-1"), caller_known=known)
    calls.handle(arrival, 1_000, wall=1_000)
    return calls.handle(LegAnswered(LEG), 1_100, wall=1_100)


def pushed(effects: Sequence[CallEffect]) -> list[PushMessage]:
    return [each for each in effects if isinstance(each, PushMessage)]


def record_of(calls: CallCore) -> ContactRecord:
    (written,) = calls.handle(LegEnded(LEG, 16), 9_000, wall=9_000)
    assert isinstance(written, WriteRecord)
    return written.record


def test_text_is_pushed_once_with_what_it_is_made_of() -> None:
    calls = CallCore()
    (push,) = pushed(answered(calls, times=1))
    assert push == PushMessage(
        message="c1.m1",
        contact=CONTACT,
        customer=PartyRef("party-1"),
        site=site(hotline(1)).version,
        hotline="10086",
        template="balance",
        language=ZH,
        values=(("balance", 42),),
    )
    assert record_of(calls).messages == ("balance",)


def test_intent_of_a_text_holds_no_text_and_is_read_again() -> None:
    (push,) = pushed(answered(CallCore(), times=1))
    planned = plan(push, wall=1_100)
    intent = intent_of(planned, stream="node:main")
    assert planned.key == "message:c1.m1"
    assert "余额" not in intent.body.decode()
    assert planned_of(intent) == planned


def test_caller_without_a_number_is_sent_nothing() -> None:
    calls = CallCore()
    effects = answered(calls, times=1, known=False)
    assert pushed(effects) == []
    assert record_of(calls).messages == ()


def test_one_contact_is_sent_so_many_texts_and_no_more() -> None:
    calls = CallCore()
    sent = pushed(answered(calls, times=MESSAGES_PER_CONTACT_MAX + 2))
    assert [each.message for each in sent] == [
        f"c1.m{number}" for number in range(1, MESSAGES_PER_CONTACT_MAX + 1)
    ]
    (contact,) = calls.snapshot().contacts
    assert contact.flow is not None
    assert contact.flow.faults == 2
    assert contact.flow.node == "ask"


def test_answer_outlives_a_restart_and_is_told_in_the_record() -> None:
    calls = CallCore()
    answered(calls, times=1)
    calls.handle(DigitReceived(LEG, "5"), 2_000, wall=2_000)
    kept = msgspec.json.decode(msgspec.json.encode(calls.snapshot()), type=CallSnapshot)
    whole = site(hotline(1))
    again = CallCore.restored(kept, {whole.version: whole})
    record = record_of(again)
    assert record.answers == (Answered("service", "5"),)
    assert record.messages == ("balance",)


def test_wrong_key_is_no_answer() -> None:
    calls = CallCore()
    answered(calls, times=1)
    calls.handle(DigitReceived(LEG, "4"), 2_000, wall=2_000)
    assert record_of(calls).answers == ()


def test_story_tells_what_was_sent_and_answered() -> None:
    calls = CallCore()
    answered(calls, times=2)
    calls.handle(DigitReceived(LEG, "5"), 2_000, wall=2_000)
    kept = msgspec.json.decode(msgspec.json.encode(record_of(calls)), type=dict[str, object])
    told = dict(heading(told_of(kept), caller="-", arrived="-"))
    assert told["sent"] == "balance, balance"
    assert told["answered"] == "service: 5"


def test_story_without_texts_says_nothing_of_them() -> None:
    calls = CallCore()
    answered(calls, times=1, known=False)
    kept = msgspec.json.decode(msgspec.json.encode(record_of(calls)), type=dict[str, object])
    assert {"sent", "answered"}.isdisjoint(dict(heading(told_of(kept), caller="-", arrived="-")))

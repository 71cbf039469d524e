"""One contact's way from the journal: from the state before it, to its record, and no other way."""

from dataclasses import replace

import pytest
from written_life import WrittenLife

from ivr.call.events import TransferOrder
from ivr.engine import explain as explaining
from ivr.engine.by_command import ContactMoveAsked, CrisisStartAsked
from ivr.engine.explain import ContactNotFound, ExplainRefused, Explanation, explain
from ivr.engine.rows import JournalRow
from router.events import WrapUpRequested
from router.explain import (
    Answered,
    Chooser,
    Ended,
    Left,
    LetIn,
    Offered,
    OfferLost,
    Overflowed,
    PassedBy,
    Refused,
    StandReason,
    Stood,
    Waited,
    WrapUpChanged,
    kind_of,
)
from router.grounds import Exclusion
from router.model import (
    AgentId,
    ContactId,
    Origin,
    PresenceChange,
    QueueId,
    RequestId,
    WrapUpChange,
)

pytestmark = pytest.mark.unit

C1, C2 = ContactId("c1"), ContactId("c2")


def lived() -> WrittenLife:
    """c1 gets 1003 at once; c2 finds no expert for 20 s, rings 1001 in vain and gets 1002."""
    life = WrittenLife().begin("1001", "1002", "1003", "1004").until(1_000)
    life.call("c1")
    life.until(3_000).answer("1003")
    life.say("1004", PresenceChange.PAUSE, "lunch")
    life.until(60_000).call("c2")
    life.until(95_000).answer("1002")
    life.until(100_000).hang_up("c1")
    life.until(130_000).hang_up("c2")
    return life.until(200_000)


def told(life: WrittenLife, contact: ContactId, *, first: int = 1) -> Explanation:
    sites = {life.site.version: life.site}
    return explain(contact, life.kept(first=first), core=life.core, sites=sites)


def test_each_decision_of_a_contact_is_told_in_order_with_its_times() -> None:
    way = told(lived(), C2)
    decisions = [each.decision for each in way.decisions]
    assert [kind_of(each) for each in decisions] == [
        *("let_in", "waited", "stood", "offered", "offer_lost", "offered", "answered", "ended")
    ]
    assert [each.at - way.arrived_at for each in decisions] == [
        *(0, 0, 20_000, 20_000, 30_000, 30_000, 35_000, 70_000)
    ]
    assert way.over
    assert (way.arrived_at, way.cut, way.left_out) == (60_000, False, 0)
    assert all(each.wall - way.arrived_wall == each.decision.at - 60_000 for each in way.decisions)


def test_scarce_experts_are_spared_and_the_candidates_stand_in_the_order_of_the_rule() -> None:
    offered = [each.decision for each in told(lived(), C2).decisions][3]
    assert isinstance(offered, Offered)
    assert offered.by is Chooser.CONTACT
    assert [(each.agent, each.grade) for each in offered.candidates] == [
        ("main:1001", 0),
        ("main:1002", 1),
    ]
    assert {each.agent: each.rule for each in offered.excluded} == {
        "main:1003": Exclusion.TALKING,
        "main:1004": Exclusion.ON_BREAK,
    }


def test_it_is_told_from_the_newest_state_before_the_arrival() -> None:
    life = WrittenLife().begin("1003").until(1_000)
    life.call("c1")
    life.hang_up("c1")
    life.keep_state()
    rows = len(life.rows)
    life.until(5_000).call("c2")
    life.until(9_000).answer("1003")
    life.keep_state()
    life.until(20_000).hang_up("c2")
    way = told(life, C2, first=rows + 1)
    assert [kind_of(each.decision) for each in way.decisions] == [
        *("let_in", "offered", "answered", "ended")
    ]
    assert way.rows == len(life.rows) - rows
    with pytest.raises(ContactNotFound):
        told(life, C1, first=rows + 1)


def test_contact_that_lives_is_told_as_far_as_the_journal_goes() -> None:
    life = WrittenLife().begin("1003").until(1_000)
    life.call("c1")
    way = told(life, C1)
    assert way.over is None
    assert [kind_of(each.decision) for each in way.decisions] == ["let_in", "offered"]


def test_agent_who_frees_takes_whose_turn_it_is_and_the_others_are_told_why() -> None:
    life = WrittenLife().begin("1003").until(1_000)
    life.call("c1")
    life.until(2_000).answer("1003")
    life.call("c2")
    life.until(4_000).call("c3")
    life.until(6_000).hang_up("c1")
    life.until(12_000).answer("1003")
    offered = [each.decision for each in told(life, C2).decisions][2]
    assert isinstance(offered, Offered)
    assert (offered.by, offered.at) == (Chooser.AGENT, 11_000)
    assert [each.contact for each in offered.competitors] == ["c2"]
    passed = told(life, ContactId("c3")).decisions[2].decision
    assert isinstance(passed, PassedBy)
    assert (passed.taken.contact, passed.ahead, passed.own.waiting_ms) == ("c2", 1, 7_000)


def test_consulted_expert_is_told_under_the_contact() -> None:
    life = WrittenLife().begin("1003", "1004").until(1_000)
    life.call("c1")
    life.until(3_000).answer("1003")
    life.until(20_000).order("1003", TransferOrder.CONSULT, to="10086/data")
    life.until(24_000).answer("1004")
    life.until(40_000).order("1003", TransferOrder.COMPLETE)
    life.until(60_000).hang_up("c1")
    decisions = [each.decision for each in told(life, C1).decisions]
    assert [kind_of(each) for each in decisions if each.contact == "c1.t1"] == [
        *("let_in", "offered", "answered", "ended")
    ]
    assert [kind_of(each) for each in decisions if each.contact == "c1"] == [
        *("let_in", "offered", "answered", "ended")
    ]


def test_caller_who_gives_up_is_told_last() -> None:
    life = WrittenLife().begin("1003").until(1_000)
    life.say("1003", PresenceChange.PAUSE, "lunch")
    life.begin("1002")
    life.call("c1")
    life.until(6_000).hang_up("c1")
    decisions = [each.decision for each in told(life, C1).decisions]
    assert isinstance(decisions[0], LetIn)
    (lost,) = [each for each in decisions if isinstance(each, OfferLost)]
    assert lost.end.value == "contact_left"
    assert isinstance(decisions[-1], Left)
    assert decisions[-1].waited_ms == 5_000


def test_step_whose_time_comes_after_an_offer_in_vain_is_told_as_such() -> None:
    life = WrittenLife().begin("1003", "1002").until(1_000)
    life.call("c1")
    life.until(26_000)
    decisions = [each.decision for each in told(life, C1).decisions]
    (stood,) = [each for each in decisions if isinstance(each, Stood)]
    # It rang at 1003 as the time was over: the step is judged when that came to nothing.
    assert (stood.reason, stood.was_offered, stood.at) == (StandReason.STEP_OVER, True, 23_000)


def test_rows_of_other_code_are_refused_with_what_to_do() -> None:
    life = lived()
    life.rows = [
        replace(row, entry=replace(row.entry, core="other")) if row.seq > 12 else row
        for row in life.rows
    ]
    with pytest.raises(ExplainRefused, match=r"another version .* `expertline explain` of the ver"):
        told(life, C2)


def test_journal_that_leads_elsewhere_is_refused() -> None:
    life = lived()
    broken = life.rows[11]
    life.rows[11] = replace(broken, entry=replace(broken.entry, effects="00"))
    with pytest.raises(ExplainRefused, match=r"row 12 of the journal .* `expertline replay`"):
        told(life, C2)


def test_unknown_contact_is_told_with_the_one_that_is_meant() -> None:
    life = lived()
    with pytest.raises(ContactNotFound) as found:
        told(life, ContactId("c22"))
    assert found.value.near == "c2"
    with pytest.raises(ContactNotFound) as found:
        told(life, ContactId("quite another"))
    assert found.value.near is None


def test_rows_are_bounded_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    life = lived()
    monkeypatch.setattr(explaining, "ROWS_REPLAYED_MAX", 25)
    way = told(life, C2)
    assert (way.rows, way.cut, way.over) == (25, True, None)


def test_waiting_contact_is_told_who_could_take_it_and_why_nobody_does() -> None:
    waited = [each.decision for each in told(lived(), C2).decisions][1]
    assert isinstance(waited, Waited)
    assert {each.agent: each.rule for each in waited.excluded} == {
        "main:1001": Exclusion.LEVEL,
        "main:1002": Exclusion.LEVEL,
        "main:1003": Exclusion.TALKING,
        "main:1004": Exclusion.ON_BREAK,
    }
    (lack,) = waited.excluded[-1].lacks
    assert (lack.skill, lack.has, lack.needs) == ("data", 2, 3)
    assert (waited.standing.ends_at, waited.wait_ends_at) == (80_000, 120_000)


def test_talk_and_wrap_up_are_told() -> None:
    decisions = [each.decision for each in told(lived(), C1).decisions]
    assert isinstance(decisions[-2], Answered)
    assert isinstance(decisions[-1], Ended)
    assert decisions[-1].talked_ms == 97_000
    assert decisions[-1].wrap_up_ends_at == 105_000


def moved_by_hand() -> WrittenLife:
    life = WrittenLife().begin("1003").until(1_000)
    life.call("c1")
    life.until(2_000).answer("1003")
    life.call("c2")
    life.until(4_000)
    life.give(ContactMoveAsked(RequestId("m1"), C2, None, 60_000, "ops"))
    return life.until(5_000)


def test_who_gave_a_contact_another_priority_is_told() -> None:
    life = moved_by_hand()
    told_of = {kind_of(each.decision): each.asked_by for each in told(life, C2).decisions}
    assert told_of == {"let_in": None, "waited": None, "revalued": "ops"}


def test_who_declared_a_crisis_is_told_of_those_it_sends_away_and_of_nothing_else() -> None:
    life = moved_by_hand()
    data = QueueId("main:10086/data")
    life.give(CrisisStartAsked(RequestId("m2"), data, None, "night"))
    last = told(life, C2).decisions[-1]
    assert isinstance(last.decision, Overflowed)
    assert last.asked_by == "night"
    life.call("c3")
    (refused,) = told(life, ContactId("c3")).decisions
    assert isinstance(refused.decision, Refused)
    assert refused.asked_by is None


def wrapped_up() -> WrittenLife:
    life = WrittenLife().begin("1003").until(1_000)
    life.call("c1")
    life.until(2_000).answer("1003")
    life.until(10_000).hang_up("c1")
    life.until(12_000)
    who = AgentId("main:1003")
    life.give(WrapUpRequested(RequestId("w1"), WrapUpChange.END, who, None, Origin.COMMAND))
    return life.until(20_000)


def test_wrap_up_ended_by_hand_is_told_after_the_contact_is_over() -> None:
    life = wrapped_up()
    life.say("1003", PresenceChange.SIGN_OUT)
    way = told(life, C1)
    assert way.over
    last = way.decisions[-1].decision
    assert isinstance(last, WrapUpChanged)
    assert (last.origin, last.lasted_ms, last.ends_at) == (Origin.COMMAND, 2_000, None)
    assert way.rows < len(life.rows), "nothing is left to tell"


def spoilt(row: JournalRow, *, core: str | None = None) -> JournalRow:
    entry = row.entry
    other = replace(entry, effects="00") if core is None else replace(entry, core=core)
    return replace(row, entry=other)


@pytest.mark.parametrize("core", [None, "other"])
def test_wrap_up_that_cannot_be_gone_through_keeps_nobody_from_the_contact(
    core: str | None,
) -> None:
    life = wrapped_up()
    life.rows[-1] = spoilt(life.rows[-1], core=core)
    way = told(life, C1)
    assert way.over
    assert isinstance(way.decisions[-1].decision, Ended)


def test_row_that_is_missing_after_the_end_keeps_nobody_from_the_contact() -> None:
    life = wrapped_up()
    life.rows[-1] = replace(life.rows[-1], seq=life.rows[-1].seq + 1)
    assert told(life, C1).over

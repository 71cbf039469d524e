"""A caller who is put through to a number outside."""

import pytest
from call_node import (
    AGENT_LEG,
    B1,
    C1,
    CALLER,
    OUTSIDE_MS_MAX,
    PARTY,
    SORRY,
    OneNode,
    node_in,
)

from ivr.call.effects import (
    BridgeLegs,
    DestroyBridge,
    DialOutside,
    PlayPrompts,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
)
from ivr.call.events import EngineStopping
from ivr.call.model import LegRole, Outcome, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import Doing
from ivr.flow.model import NodeName

pytestmark = pytest.mark.unit

OUTSIDE_LEG = AGENT_LEG
"""The first leg that is made."""


def ringing() -> OneNode:
    """Asked at 3 000, rings outside from 4 000."""
    return node_in(Phase.CALLING_OUTSIDE)


def talking() -> OneNode:
    node = ringing()
    node.answered(OUTSIDE_LEG, 6_000)
    node.bridged(B1, 6_100)
    return node


def test_outside_rings_with_music_for_the_caller() -> None:
    node = ringing()
    assert node.of(StartHoldMusic) == [StartHoldMusic(CALLER)]
    assert node.of(DialOutside) == [DialOutside(OUTSIDE_LEG, "police", C1, PARTY, OUTSIDE_MS_MAX)]


def test_both_are_joined_when_the_other_side_answers() -> None:
    node = ringing()
    assert list(node.answered(OUTSIDE_LEG, 6_000)) == [
        StopHoldMusic(CALLER),
        BridgeLegs(B1, (CALLER, OUTSIDE_LEG)),
    ]
    assert list(node.bridged(B1, 6_100)) == []
    node.restart()
    node.ended(OUTSIDE_LEG, 26_100)
    node.ended(CALLER, 26_110)
    (record,) = node.records
    assert record.outcome is Outcome.TRANSFERRED
    assert record.reason == "other_side_hung_up"
    assert record.transferred_to == "police"
    assert record.agent is None
    assert [each.role for each in record.legs] == [LegRole.CALLER, LegRole.OUTSIDE]
    assert [(each.what, each.began_at) for each in record.intervals[2:]] == [
        (Doing.ALERTING, 4_000),
        (Doing.TALKING, 6_100),
        (Doing.LEAVING, 26_100),
    ]


def test_caller_who_hangs_up_in_the_talk_was_transferred() -> None:
    node = talking()
    node.ended(CALLER, 9_000)
    assert [each.leg for each in node.of(ReleaseLeg)] == [OUTSIDE_LEG]
    node.ended(OUTSIDE_LEG, 9_010)
    assert node.records[0].outcome is Outcome.TRANSFERRED


def test_engine_that_stops_in_the_talk_leaves_it_alone() -> None:
    node = talking()
    node.give(EngineStopping(), 9_000)
    assert node.of(ReleaseLeg) == []
    assert node.records[0].outcome is Outcome.TRANSFERRED


def test_caller_who_hangs_up_while_it_rings_was_not_put_through() -> None:
    node = ringing()
    node.ended(CALLER, 9_000)
    assert [each.leg for each in node.of(ReleaseLeg)] == [OUTSIDE_LEG]
    node.ended(OUTSIDE_LEG, 9_010)
    (record,) = node.records
    assert (record.outcome, record.transferred_to) == (Outcome.LEFT_IN_FLOW, None)


@pytest.mark.parametrize(
    ("cause", "comes_to"),
    [
        (17, "quiet"),
        (18, "menu2"),
        (19, "menu2"),
        (20, "apology"),
        (1, "apology"),
        (None, "apology"),
    ],
)
def test_cause_of_the_end_leads_the_flow(cause: int | None, comes_to: str) -> None:
    node = ringing()
    node.ended(OUTSIDE_LEG, 5_000, cause)
    assert node.contact.story.visits[-1].node == NodeName(comes_to)
    assert node.contact.outside is None


def test_nobody_answers_in_time() -> None:
    node = ringing()
    node.tick(4_000 + OUTSIDE_MS_MAX)
    assert node.of(ReleaseLeg) == [ReleaseLeg(OUTSIDE_LEG, ReleaseReason.NO_ANSWER)]
    assert node.contact.story.visits[-1].node == "menu2"
    assert node.of(StopHoldMusic)
    assert node.of(PlayPrompts)


def test_who_answers_a_moment_too_late_is_released() -> None:
    node = ringing()
    node.tick(4_000 + OUTSIDE_MS_MAX)
    node.answered(OUTSIDE_LEG, 24_001)
    assert node.of(ReleaseLeg) == [ReleaseLeg(OUTSIDE_LEG, ReleaseReason.ANSWERED_ELSEWHERE)]


@pytest.mark.parametrize("effect", ["DialOutside", "BridgeLegs"])
def test_command_that_fails_leads_the_flow(effect: str) -> None:
    node = ringing()
    if effect == "BridgeLegs":
        node.answered(OUTSIDE_LEG, 5_000)
    node.command_failed(effect, OUTSIDE_LEG if effect == "DialOutside" else CALLER, at=5_100)
    assert [each.prompts for each in node.of(PlayPrompts)] == [(SORRY,)]
    assert [each.leg for each in node.of(ReleaseLeg)] == [OUTSIDE_LEG]
    assert bool(node.of(DestroyBridge)) == (effect == "BridgeLegs")


def test_line_that_dies_before_the_two_are_joined_leads_the_flow() -> None:
    node = ringing()
    node.answered(OUTSIDE_LEG, 5_000)
    node.ended(OUTSIDE_LEG, 5_050, 16)
    assert node.of(DestroyBridge)
    assert [each.prompts for each in node.of(PlayPrompts)] == [(SORRY,)]


def test_joining_that_takes_too_long_leads_the_flow() -> None:
    node = ringing()
    node.answered(OUTSIDE_LEG, 5_000)
    node.tick(10_000)
    assert [each.prompts for each in node.of(PlayPrompts)] == [(SORRY,)]


def test_talk_has_a_longest_time() -> None:
    node = talking()
    node.tick(6_100 + 4 * 3_600_000)
    assert {each.leg for each in node.of(ReleaseLeg)} == {CALLER, OUTSIDE_LEG}
    assert node.contact.outcome is Outcome.TRANSFERRED


def test_events_given_twice_change_nothing() -> None:
    node = ringing()
    node.answered(OUTSIDE_LEG, 6_000)
    assert list(node.answered(OUTSIDE_LEG, 6_001)) == []
    node.bridged(B1, 6_100)
    before = node.snapshot()
    assert list(node.bridged(B1, 6_200)) == []
    assert node.snapshot() == before

"""The position is said into the music, and the music always comes back."""

from dataclasses import replace

import pytest
from call_node import (
    AGENT_LEG,
    B1,
    C1,
    CALLER,
    DATA,
    EN,
    FAILED,
    NEXT_AGENT_LEG,
    O1,
    O2,
    P3,
    PLAYED,
    STOPPED,
    OneNode,
    hotline,
    node_in,
)

from ivr.call.announcing import ANNOUNCEMENT_MS_MAX, POSITION_SAID_MAX
from ivr.call.contact import JOINING_MS_MAX, WAITING_MS_MAX
from ivr.call.effects import (
    AcceptOffer,
    BridgeLegs,
    DialDevice,
    PlayPrompts,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
)
from ivr.call.events import PositionAnnounced
from ivr.call.model import PlaybackId, PlaybackOutcome
from ivr.call.phases import Phase
from ivr.flow.model import Language, PromptKey
from ivr.flow.requirement import SkillRequirement
from ivr.flow.site import Announce, Hold
from ivr.flow.transfers import transfer_queue
from ivr.prompts import fragments

pytestmark = pytest.mark.unit

P4 = PlaybackId(f"{CALLER}.p4")
KEYS = tuple(map(PromptKey, fragments.position(3, "en-US")))


def announcing() -> OneNode:
    """Waiting since 4 000, hearing its position since 10 000."""
    node = node_in(Phase.WAITING)
    assert list(node.announced(3, at=10_000)) == [
        StopHoldMusic(CALLER),
        PlayPrompts(CALLER, P3, KEYS, EN),
    ]
    return node


@pytest.mark.parametrize("outcome", [PLAYED, STOPPED, FAILED])
def test_music_follows_however_the_announcement_went(outcome: PlaybackOutcome) -> None:
    node = announcing()
    assert list(node.played(P3, 12_000, outcome)) == [StartHoldMusic(CALLER)]
    assert node.core.next_deadline() == 4_000 + WAITING_MS_MAX
    assert list(node.played(P3, 12_001, outcome)) == []


def test_announcement_whose_end_never_comes_is_cut_and_the_wait_keeps_its_deadline() -> None:
    node = announcing()
    due = 10_000 + ANNOUNCEMENT_MS_MAX
    assert node.core.next_deadline() == due
    assert list(node.tick(due)) == [StopPlayback(CALLER, P3), StartHoldMusic(CALLER)]
    assert node.core.next_deadline() == 4_000 + WAITING_MS_MAX
    assert list(node.played(P3, due + 5)) == []
    assert node.announced(4, at=due + 10)[0] == StopHoldMusic(CALLER)


def test_wait_that_is_over_during_an_announcement_goes_on_with_the_flow() -> None:
    node = node_in(Phase.WAITING)
    late = 4_000 + WAITING_MS_MAX
    node.announced(3, at=late - 5)
    node.tick(late)
    assert node.of(StopPlayback) == [StopPlayback(CALLER, P3)]
    assert node.of(StartHoldMusic) == [StartHoldMusic(CALLER)]
    assert node.contact.queue == "main:bill"


def test_position_told_while_one_is_said_is_not_said() -> None:
    node = announcing()
    assert list(node.announced(2, at=10_500)) == []
    assert node.core.ignored == {"waiting/announcing": 1}


def test_offer_lets_the_announcement_go_on_and_music_follows() -> None:
    node = announcing()
    assert [type(each) for each in node.offered(at=10_500)] == [DialDevice]
    assert list(node.played(P3, 12_000)) == [StartHoldMusic(CALLER)]
    assert node.phase is Phase.ALERTING


def test_offer_taken_back_lets_the_announcement_go_on() -> None:
    node = announcing()
    node.offered(at=10_500)
    node.rescinded(at=10_600)
    assert node.of(StartHoldMusic) == []
    assert list(node.played(P3, 12_000)) == [StartHoldMusic(CALLER)]


def test_one_announcement_after_another_has_music_between() -> None:
    node = announcing()
    assert list(node.played(P3, 12_000)) == [StartHoldMusic(CALLER)]
    again = tuple(map(PromptKey, fragments.position(2, "en-US")))
    assert list(node.announced(2, at=40_000)) == [
        StopHoldMusic(CALLER),
        PlayPrompts(CALLER, P4, again, EN),
    ]
    assert list(node.played(P3, 40_010)) == []  # The first one's end, told again.
    assert list(node.played(P4, 42_000)) == [StartHoldMusic(CALLER)]


def test_position_is_said_in_the_language_of_the_caller() -> None:
    node = node_in(Phase.WAITING, replace(hotline(), languages=(Language("zh-CN"),)))
    node.announced(3, at=10_000)
    (spoken,) = node.of(PlayPrompts)
    assert (spoken.language, spoken.prompts) == ("zh-CN", fragments.position(3, "zh-CN"))


def test_answer_cuts_the_announcement_and_joins_when_silent() -> None:
    node = announcing()
    node.offered(at=10_500)
    assert list(node.answered(AGENT_LEG, 11_000)) == [AcceptOffer(O1), StopPlayback(CALLER, P3)]
    assert list(node.played(P3, 11_010, STOPPED)) == [BridgeLegs(B1, (CALLER, AGENT_LEG))]


def test_cut_announcement_whose_end_is_lost_costs_one_offer_not_all() -> None:
    node = announcing()
    node.offered(at=10_500)
    node.answered(AGENT_LEG, 11_000)
    assert node.phase is Phase.JOINING
    node.tick(11_000 + JOINING_MS_MAX)
    assert node.of(StartHoldMusic) == [StartHoldMusic(CALLER)]
    assert node.phase is Phase.WAITING
    node.offered(O2, at=17_000)
    node.answered(NEXT_AGENT_LEG, 18_000)
    assert node.of(BridgeLegs) == [BridgeLegs(B1, (CALLER, NEXT_AGENT_LEG))]


def test_overflow_cuts_the_announcement_before_the_next_words() -> None:
    node = announcing()
    effects = node.overflowed(at=11_000)
    assert [type(each) for each in effects] == [StopPlayback, PlayPrompts]
    assert list(node.played(P3, 11_010, STOPPED)) == []
    assert node.phase is Phase.SPEAKING


def test_caller_gone_during_an_announcement_leaves_nothing() -> None:
    node = announcing()
    node.ended(CALLER, 11_000)
    assert node.core.next_deadline() is None
    assert len(node.records) == 1


@pytest.mark.parametrize("position", [0, -1, POSITION_SAID_MAX + 1])
def test_position_out_of_reach_is_counted_and_the_music_plays_on(position: int) -> None:
    node = node_in(Phase.WAITING)
    assert list(node.announced(position)) == []
    assert node.core.ignored == {"waiting/position not said": 1}


@pytest.mark.parametrize(
    ("expected_ms", "minutes"),
    [(0, 1), (1, 1), (60_000, 1), (60_001, 2), (3_600_000, 60), (3_600_001, 61)],
)
def test_expected_wait_follows_the_position_in_whole_minutes(
    expected_ms: int, minutes: int
) -> None:
    node = node_in(Phase.WAITING)
    node.give(PositionAnnounced(C1, DATA, 3, expected_ms), 10_000)
    (said,) = node.of(PlayPrompts)
    assert said.prompts == (*KEYS, *fragments.expected_wait(minutes, "en-US"))


def test_queue_that_tells_nobody_her_place_tells_the_expected_wait_alone() -> None:
    node = node_in(Phase.WAITING)
    data = transfer_queue("data", SkillRequirement(({"data": 1},)), 60_000)
    silent = replace(data, hold=Hold("hold", Announce(False, 30_000, expected_wait=True)))
    node.core.activate(replace(node.site, queues={"data": silent}))
    node.give(PositionAnnounced(C1, DATA, 3, 90_000), 10_000)
    (said,) = node.of(PlayPrompts)
    assert said.prompts == fragments.expected_wait(2, "en-US")


def test_language_without_fragments_is_counted_and_the_music_plays_on() -> None:
    node = node_in(Phase.WAITING, replace(hotline(), languages=(Language("fr-FR"),)))
    assert list(node.announced()) == []
    assert node.core.ignored == {"waiting/language not spoken": 1}


def test_key_that_the_queue_does_not_offer_changes_nothing() -> None:
    for node in (node_in(Phase.WAITING), announcing()):
        before = node.snapshot()
        for key in "0123*#":
            assert list(node.press(key)) == []
        assert node.snapshot() == before

"""Which playbacks an engine that goes on must expect to be playing still."""

import pytest
from call_node import CALLER, P1, P2, P3, node_in, service_in

from ivr.call.events import EngineStarted
from ivr.call.model import PlaybackId
from ivr.call.phases import Phase
from ivr.call.service import ServicePhase

pytestmark = pytest.mark.unit

P4 = PlaybackId(f"{CALLER}.p4")


def test_what_plays_is_named_with_the_two_that_may_have_followed_unwritten() -> None:
    node = node_in(Phase.SPEAKING)
    assert node.core.left_playing() == (P1, P2, P3)
    node.played(P1, 2_000)
    assert node.core.left_playing() == (P2, P3, P4)


def test_what_was_asked_to_stop_is_named_till_it_has_ended() -> None:
    node = node_in(Phase.SPEAKING)
    node.press("1", 1_200)
    assert P1 in node.core.left_playing()


def test_core_made_from_a_snapshot_names_the_same() -> None:
    for node in node_in(Phase.SPEAKING), service_in(ServicePhase.SPEAKING):
        before = node.core.left_playing()
        node.restart()
        assert node.core.left_playing() == before != ()


def test_silent_contact_may_have_begun_its_next() -> None:
    assert node_in(Phase.ANSWERING).core.left_playing() == (P1, P2)
    assert node_in(Phase.WAITING).core.left_playing() == (P3, P4)


def test_service_call_may_say_its_notice_till_it_is_over() -> None:
    node = service_in(ServicePhase.SPEAKING)
    assert node.core.left_playing() == (P1,)
    node.played(P1)
    node.ended(CALLER)
    assert node.core.left_playing() == ()


def test_nothing_is_named_once_the_engine_has_started() -> None:
    node = node_in(Phase.SPEAKING)
    node.give(EngineStarted())
    assert node.core.left_playing() == ()

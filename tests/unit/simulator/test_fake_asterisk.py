"""What the fake adds to the port's promises: scripts, chance, faults, counting."""

import pytest
from fake_node import DESK, EN, Node

from ivr.call.effects import (
    AnswerLeg,
    BridgeLegs,
    DestroyBridge,
    PlayPrompts,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
)
from ivr.call.events import (
    CallArrived,
    CommandFailed,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    TelephonyEvent,
)
from ivr.call.model import (
    BridgeId,
    CommandFailure,
    PlaybackId,
    PlaybackOutcome,
    ReleaseReason,
)
from ivr.ports import Telephony
from router.model import DeviceId
from simulator.fake_asterisk import (
    Answers,
    CallerScript,
    Faults,
    NodeSettings,
    Rejects,
    RingsOut,
)

pytestmark = pytest.mark.unit


def test_fake_fits_the_port() -> None:
    port: Telephony = Node().fake
    assert port


def test_caller_follows_his_script() -> None:
    node = Node()
    leg = node.caller(CallerScript(presses=((100, "1"), (200, "#")), hangs_up_at_ms=300))
    node.time.run_until(1000)
    assert [(at, event) for at, event in node.told if not isinstance(event, CallArrived)][1:] == [
        (105, DigitReceived(leg, "1")),
        (205, DigitReceived(leg, "#")),
        (305, LegEnded(leg, 16)),
    ]


def test_phone_answers_and_hangs_up_by_itself() -> None:
    node = Node()
    node.fake.set_phone(DESK, Answers(after_ms=100, hang_up_after_ms=500))
    leg = node.dial("main:c1.1")
    node.time.run_until(10_000)
    assert node.told == [(106, LegAnswered(leg)), (606, LegEnded(leg, 16))]


def test_rejected_with_603_is_cause_21() -> None:
    node = Node()
    node.fake.set_phone(DESK, Rejects(after_ms=10, cause=21))
    leg = node.dial("main:c1.1")
    node.time.run_until(1000)
    assert node.events == [LegEnded(leg, 21)]


def test_dial_that_nobody_ends_meets_its_backstop() -> None:
    node = Node()
    node.fake.set_phone(DESK, RingsOut())
    leg = node.dial("main:c1.1", ring_ms_max=1000)
    node.time.run_until(6000)
    assert node.events == []
    node.time.run_until(6100)
    assert node.told == [(6002, LegEnded(leg, 19))]


def test_answered_dial_has_no_backstop() -> None:
    node = Node()
    node.fake.set_phone(DESK, Answers(after_ms=900))
    leg = node.dial("main:c1.1", ring_ms_max=1000)
    node.time.run_until(60_000)
    assert node.events == [LegAnswered(leg)]


def test_device_with_a_call_is_busy_for_the_next() -> None:
    node = Node()
    node.fake.set_phone(DESK, Answers())
    node.dial("main:c1.1")
    node.time.run_until(100)
    second = node.dial("main:c2.1")
    node.time.run_until(200)
    assert node.events[-1] == LegEnded(second, 17)
    node.fake.hang_up_device(DESK)
    node.time.run_until(300)
    third = node.dial("main:c3.1")
    node.time.run_until(400)
    assert node.events[-1] == LegAnswered(third)


def test_device_in_a_call_of_its_own_is_busy_until_that_ends() -> None:
    node = Node()
    node.fake.set_phone(DESK, Answers())
    caller = node.caller()
    own = node.fake.arrive(dialled="*12", device=DESK)
    node.time.run_for(20)
    arrived = next(
        each for each in node.events if isinstance(each, CallArrived) and each.leg == own
    )
    assert (arrived.device, arrived.dialled) == (DESK, "*12")
    busy = node.dial(f"{caller}.1")
    node.time.run_for(20)
    assert LegEnded(busy, 17) in node.events
    node.fake.hang_up_device(DESK)
    node.time.run_for(20)
    assert LegEnded(own, 16) in node.events
    free = node.dial(f"{caller}.2")
    node.time.run_for(20)
    assert LegAnswered(free) in node.events


@pytest.mark.parametrize("late", [False, True])
def test_answer_behind_a_prompt_is_not_waited_for_beyond_its_deadline(late: bool) -> None:
    node = Node(NodeSettings(joining_deadline_ms=900 if late else 1_100))
    leg = node.caller(answer=False)
    node.play(leg, "p1")
    node.time.run_for(10)
    node.fake.perform(AnswerLeg(leg))
    node.time.run_for(1_500)
    given_up = CommandFailed(leg, "AnswerLeg", CommandFailure.TIMED_OUT)
    assert (given_up in node.events) is late
    assert node.events.count(LegAnswered(leg)) == 1, "Asterisk answers, if late"


def test_unknown_device_is_subscriber_absent() -> None:
    node = Node()
    leg = node.dial("main:c1.1")
    node.time.run_until(100)
    assert node.events == [LegEnded(leg, 20)]


def test_reachability_is_told_at_attach_and_on_change() -> None:
    node = Node()
    node.fake.set_phone(DESK)
    node.fake.unregister(DESK)
    node.time.run_until(10)
    assert node.reachable == [(DESK, True), (DESK, False)]
    late: list[tuple[DeviceId, bool]] = []
    node.fake.attach(
        events=node.told_again.append, reachability=lambda device, up: late.append((device, up))
    )
    node.time.run_until(20)
    assert late == [(DESK, False)]


def test_playback_of_no_prompt_at_all_fails() -> None:
    node = Node()
    leg = node.caller()
    node.fake.perform(PlayPrompts(leg, PlaybackId("p1"), (), EN))
    node.time.run_for(10)
    assert node.events[-1] == PlaybackFinished(leg, PlaybackId("p1"), PlaybackOutcome.FAILED)


def test_joining_command_waits_for_the_prompt_and_music_does_not_make_it_wait() -> None:
    node = Node()
    one, two = node.caller(), node.caller()
    node.fake.perform(StartHoldMusic(one))
    node.play(one, "p1")
    node.time.run_for(100)
    node.fake.perform(BridgeLegs(BridgeId("b1"), (one, two)))
    node.time.run_for(800)
    assert not any(isinstance(event, LegsBridged) for event in node.events)
    assert (node.fake.hears_prompt(one), node.fake.hears_hold_music(one)) == (True, False)
    node.fake.perform(StartHoldMusic(two))
    node.time.run_for(10)
    assert node.fake.hears_hold_music(two)
    node.time.run_for(190)
    assert node.events[-1] == LegsBridged(BridgeId("b1"), one)
    assert node.fake.hears(one) == (two,)
    assert node.fake.hears(two) == (one,)
    assert not node.fake.hears_hold_music(two)
    node.fake.perform(DestroyBridge(BridgeId("b1"), one))
    node.time.run_for(10)
    assert not node.fake.hears_hold_music(two)
    assert node.fake.hears(one) == ()
    for music, heard in ((StartHoldMusic(two), True), (StopHoldMusic(two), False)):
        node.fake.perform(music)
        node.time.run_for(10)
        assert node.fake.hears_hold_music(two) is heard


def test_bridge_of_ended_legs_can_still_be_destroyed() -> None:
    node = Node()
    one, two = node.caller(), node.caller()
    node.fake.perform(BridgeLegs(BridgeId("b1"), (one, two)))
    node.time.run_for(10)
    node.fake.hang_up(one)
    node.fake.hang_up(two)
    node.time.run_for(10)
    assert node.fake.live_channels() == ()
    assert node.fake.live_bridges() == (BridgeId("b1"),)
    node.fake.perform(DestroyBridge(BridgeId("b1"), one))
    node.time.run_for(10)
    assert node.fake.live_bridges() == ()


def test_leg_that_ends_while_it_waits_to_be_bridged_fails_the_bridge() -> None:
    node = Node()
    one, two = node.caller(), node.caller()
    node.play(two, "p1")
    node.time.run_for(100)
    node.fake.perform(BridgeLegs(BridgeId("b1"), (one, two)))
    node.time.run_for(100)
    node.fake.hang_up(two)
    node.time.run_for(100)
    assert node.events[-3:] == [
        PlaybackFinished(two, PlaybackId("p1"), PlaybackOutcome.FAILED),
        CommandFailed(one, "BridgeLegs", CommandFailure.GONE),
        LegEnded(two, 16),
    ]


def test_stalled_websocket_is_free_again_when_the_joining_leg_ends() -> None:
    node = Node(joining_over_websocket=True)
    one, two = node.caller(), node.caller()
    node.play(one, "p1")
    node.time.run_for(100)
    node.fake.perform(BridgeLegs(BridgeId("b1"), (one, two)))
    node.fake.perform(ReleaseLeg(two, ReleaseReason.NORMAL))
    node.time.run_for(200)
    assert two in node.fake.live_channels()
    node.fake.hang_up(one)
    node.time.run_for(20)
    assert node.fake.live_channels() == ()


def test_reused_ids_are_refused_and_kept_for_the_world_to_see() -> None:
    node = Node()
    one = node.caller()
    node.fake.set_phone(DESK)
    agent = node.dial("main:c1.1")
    node.dial("main:c1.1")
    node.play(one, "p1")
    node.play(one, "p1")
    node.time.run_for(2000)
    refused = [event.effect for event in node.events if isinstance(event, CommandFailed)]
    assert refused == ["DialDevice", "PlayPrompts"]
    assert node.fake.reused_ids() == (agent, "p1")
    ends = [event for event in node.events if isinstance(event, PlaybackFinished)]
    assert ends == [PlaybackFinished(one, PlaybackId("p1"), PlaybackOutcome.PLAYED)]


def test_slow_command_delays_those_behind_it_on_the_websocket() -> None:
    def slow_music(effect: object) -> int:
        return 700 if isinstance(effect, StartHoldMusic) else 0

    node = Node(NodeSettings(faults=Faults(command_delay_ms=slow_music)))
    one, two = node.caller(), node.caller()
    asked_at = node.time.now()
    node.fake.perform(StartHoldMusic(one))
    node.fake.perform(ReleaseLeg(two, ReleaseReason.NORMAL))
    node.time.run_for(2000)
    assert node.told[-1] == (asked_at + 703, LegEnded(two, 16))


def test_lost_and_doubled_events_reach_the_sink_so() -> None:
    def copies(event: TelephonyEvent) -> int:
        if isinstance(event, DigitReceived):
            return 2
        return 0 if isinstance(event, LegEnded) else 1

    node = Node(NodeSettings(faults=Faults(event_copies=copies)))
    leg = node.caller(CallerScript(presses=((50, "5"),), hangs_up_at_ms=100))
    node.time.run_until(1000)
    assert node.events[2:] == [DigitReceived(leg, "5"), DigitReceived(leg, "5")]


def test_broken_connection_loses_events_and_keeps_calls_and_mending_tells_the_ends() -> None:
    node = Node()
    gone, stays = node.caller(), node.caller()
    playback = node.play(stays, "p1")
    node.time.run_for(10)
    before = len(node.told)
    node.fake.disconnect()
    node.fake.hang_up(gone)
    node.fake.perform(StartHoldMusic(stays))
    node.time.run_for(4_999)
    assert node.told[before:] == []
    node.time.run_for(100)
    timed_out = CommandFailed(stays, "StartHoldMusic", CommandFailure.TIMED_OUT)
    assert node.events[before:] == [timed_out]
    node.fake.reconnect()
    node.time.run_for(100)
    assert node.events[before + 1 :] == [
        LegEnded(gone, None),
        PlaybackFinished(stays, playback, PlaybackOutcome.FAILED),
    ]
    assert node.fake.live_channels() == (stays,)


def test_caller_of_a_broken_connection_is_tried_again_then_sent_to_the_fallback() -> None:
    node = Node()
    node.fake.disconnect()
    lucky = node.fake.arrive()
    node.time.run_for(3_500)
    node.fake.reconnect()
    node.time.run_for(1_000)
    assert [event.leg for event in node.events] == [lucky]
    node.fake.disconnect()
    unlucky = node.fake.arrive()
    node.time.run_for(7_900)
    assert unlucky in node.fake.live_channels()
    node.time.run_for(200)
    assert node.fake.live_channels() == (lucky,)

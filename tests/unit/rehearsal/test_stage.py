"""The stage answers for Asterisk, and its transcript tells what the caller met."""

import pytest
from small_hotline import PROMPT_MS, catalogue, site, stage

from ivr.call.model import Outcome
from ivr.call.phases import Phase
from ivr.rehearsal.experts import ANSWERS_AFTER_MS, REJECTS_AFTER_MS, Act, Habit
from ivr.rehearsal.stage import OTHERS_APART_MS, UNKNOWN_PROMPT_MS, Stage
from ivr.rehearsal.transcript import (
    GivenUp,
    Heard,
    HungUp,
    Line,
    OrderMade,
    Party,
    PhoneRings,
    PhoneStops,
    PositionSaid,
    Pressed,
    Talks,
    Waits,
)

pytestmark = pytest.mark.unit

HOUR_MS = 3_600_000


def lines_of(kind: type[Line], on: Stage) -> list[Line]:
    return [line for line in on.transcript.lines if isinstance(line, kind)]


def in_queue(experts: dict[str, Habit], ahead: int = 0) -> Stage:
    begun = stage(experts, ahead)
    begun.press("1")
    begun.run_until(begun.now + 2 * PROMPT_MS)
    return begun


def test_prompt_lasts_as_long_as_its_audio_and_then_a_key_is_waited_for() -> None:
    begun = stage()
    begun.run_until(PROMPT_MS - 1)
    assert begun.phase is Phase.SPEAKING
    begun.run_until(PROMPT_MS)
    assert begun.phase is Phase.LISTENING


def test_prompt_of_unknown_length_lasts_a_default() -> None:
    known = catalogue()
    begun = Stage(site(), "10000", type(known)(known.prompts, known.sounds))
    begun.dial("10000")
    (heard,) = begun.transcript.heard()
    assert heard.ends == (UNKNOWN_PROMPT_MS,)


def test_key_cuts_the_prompt_at_that_moment() -> None:
    begun = stage()
    begun.run_until(700)
    begun.press("2")
    begun.run_until(700)
    first, second = begun.transcript.heard()
    assert (first.prompts, first.cut_at) == (("ask",), 700)
    assert (second.prompts, second.language) == (("hello", "ask"), "en-US")
    assert second.ends == (700 + PROMPT_MS, 700 + 2 * PROMPT_MS)


def test_expert_who_answers_talks_after_the_ring() -> None:
    begun = in_queue({"1": Habit.ANSWERS})
    begun.run_until(HOUR_MS)
    assert begun.talking == "1"
    (rings,), (talks,) = lines_of(PhoneRings, begun), lines_of(Talks, begun)
    assert talks.at - rings.at == ANSWERS_AFTER_MS


def test_expert_who_rejects_is_asked_again_till_she_is_taken_for_absent() -> None:
    begun = in_queue({"1": Habit.REJECTS})
    begun.run_until(HOUR_MS)
    assert begun.record is not None
    assert begun.record.outcome is Outcome.WORK_ORDER
    rings, stops = lines_of(PhoneRings, begun), lines_of(PhoneStops, begun)
    assert [stop.at - ring.at for ring, stop in zip(rings, stops, strict=True)] == [
        REJECTS_AFTER_MS,
        REJECTS_AFTER_MS,
    ]
    assert lines_of(GivenUp, begun)
    assert lines_of(OrderMade, begun)


def test_phone_rings_out_after_the_ring_time_of_the_queue() -> None:
    begun = in_queue({"1": Habit.RINGS_OUT})
    begun.run_until(begun.now + 8_000)
    (rings,), (stops,) = lines_of(PhoneRings, begun), lines_of(PhoneStops, begun)
    assert stops.at - rings.at == 8_000


def test_expert_answers_when_told_to() -> None:
    begun = in_queue({"1": Habit.RINGS_OUT})
    begun.run_until(begun.now + 3_000)
    assert begun.ringing == "1"
    assert begun.act("1", Act.ANSWERS)
    begun.run_until(begun.now)
    assert begun.talking == "1"
    assert begun.phase is Phase.CONNECTED


def test_expert_who_hangs_up_ends_the_call() -> None:
    begun = in_queue({"1": Habit.ANSWERS})
    begun.run_until(begun.now + 10_000)
    assert begun.act("1", Act.HANGS_UP)
    begun.run_until(begun.now)
    assert begun.record is not None
    assert begun.record.outcome is Outcome.SERVED
    assert begun.transcript.lines[-1] == HungUp(begun.now, Party.EXPERT)


def test_expert_who_is_in_no_talk_can_not_hang_up() -> None:
    begun = in_queue({"1": Habit.RINGS_OUT})
    assert not begun.act("1", Act.HANGS_UP)


def test_caller_who_hangs_up_over_a_prompt_moves_the_flow_no_further() -> None:
    begun = stage()
    begun.press("1")
    begun.run_until(begun.now + 100)
    begun.hang_up()
    begun.run_until(HOUR_MS)
    assert begun.record is not None
    assert begun.record.outcome is Outcome.LEFT_IN_FLOW
    assert lines_of(Waits, begun) == []


def test_hang_up_twice_and_keys_after_it_do_nothing() -> None:
    begun = stage()
    begun.hang_up()
    begun.hang_up()
    begun.press("1")
    begun.run_until(HOUR_MS)
    assert len(lines_of(HungUp, begun)) == 1
    assert lines_of(Pressed, begun) == []


def test_callers_ahead_are_served_first_and_position_is_told() -> None:
    begun = in_queue({"1": Habit.ANSWERS}, ahead=2)
    assert begun.transcript.began_at == 2 * OTHERS_APART_MS
    begun.run_until(begun.now + 38_000)
    (said,) = lines_of(PositionSaid, begun)
    assert isinstance(said, PositionSaid)
    assert said.position == 2
    assert begun.act("1", Act.HANGS_UP)
    begun.run_until(begun.now + 5_000)
    assert begun.act("1", Act.HANGS_UP)
    begun.run_until(begun.now + 5_000)
    assert begun.talking == "1"


def test_announcement_is_no_prompt_of_the_flow() -> None:
    begun = in_queue({"1": Habit.ANSWERS}, ahead=1)
    before = len(begun.transcript.heard())
    begun.run_until(begun.now + 38_000)
    assert lines_of(PositionSaid, begun)
    assert len(begun.transcript.heard()) == before


def test_full_queue_gives_the_caller_up_at_once() -> None:
    begun = in_queue({"1": Habit.ANSWERS}, ahead=3)
    begun.run_until(HOUR_MS)
    (given_up,) = lines_of(GivenUp, begun)
    assert isinstance(given_up, GivenUp)
    assert given_up.cause == "full"


def test_experts_without_a_seat_find_one_while_there_is_one() -> None:
    begun = stage({"3": Habit.ANSWERS})
    assert not begun.act("4", Act.SIGNS_IN)


def test_expert_who_signs_out_while_her_phone_rings_is_asked_no_more() -> None:
    begun = in_queue({"1": Habit.RINGS_OUT})
    assert begun.act("1", Act.SIGNS_OUT)
    begun.run_until(HOUR_MS)
    assert begun.ringing is None
    assert begun.record is not None
    assert begun.record.outcome is Outcome.WORK_ORDER


def test_each_heard_prompt_is_told_in_order() -> None:
    begun = stage()
    begun.run_until(HOUR_MS)
    heard = [prompt for line in begun.transcript.heard() for prompt in line.prompts]
    assert heard == ["ask", "ask", "hello", "ask", "bye"]
    assert isinstance(begun.transcript.lines[1], Heard)

"""Plays a caller test on a stage, step by step, and tells where the call went otherwise.

``hear`` and ``expect`` give the call time to come there, up to ``PATIENCE_MS``; all other steps
are done at once. Nothing is skipped by ``hear``: what was said before, and was not named, is an
error, unless the caller pressed a key over it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from ivr.call.announcing import MINUTE_MS
from ivr.call.phases import Phase
from ivr.flow.durations import duration_text
from ivr.flow.problems import Place
from ivr.flow.requirement import requirement_text
from ivr.flow.site import Site
from ivr.prompts.model import Catalogue
from ivr.rehearsal.caller_test import (
    CallerTest,
    CallStep,
    CloseHotline,
    Expect,
    Expectation,
    ExpertDoes,
    HangUpNow,
    Hear,
    HearWords,
    LetPass,
    OutsideHangsUp,
    Press,
    SayWords,
)
from ivr.rehearsal.footprints import Footprints
from ivr.rehearsal.putting_through import put_through_to, stay_of
from ivr.rehearsal.read_words import NOBODY
from ivr.rehearsal.recordings import RECORDED, recorded_in
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.texting import last_message, said_at_the_end
from ivr.rehearsal.together import OF_A_QUEUE, last_stay
from ivr.rehearsal.transcript import KEY_GAP_MS, Heard, OrderMade, PositionSaid, Transcript, Waits
from ivr.rehearsal.wording import clock, words
from router.model import PREFERRED_STEP, Millis, local_name

PATIENCE_MS = 60_000
"""How long a call may take to come to what a step names."""

CALL_HOURS_MAX = 8
CALL_MS_MAX = CALL_HOURS_MAX * 3_600_000
"""More than the longest conversation and the longest wait together."""

NONE = "none"


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a call went otherwise: what was expected there, and what happened instead."""

    place: Place
    expected: str
    happened: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of one caller test; every failure ends it, but those of its ending are told all."""

    test: CallerTest
    failures: tuple[Failure, ...]
    transcript: Transcript
    footprints: Footprints
    lasted_ms: Millis

    @property
    def ok(self) -> bool:
        """Whether everything was as the author says."""
        return not self.failures


class _Otherwise(Exception):
    """The call went otherwise."""

    def __init__(self, expected: str, happened: str, place: Place | None = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.happened = happened
        self.place = place


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One prompt of those that were said."""

    heard: Heard
    index: int

    @property
    def prompt(self) -> str:
        return self.heard.prompts[self.index]

    @property
    def over_at(self) -> Millis:
        cut_at, end = self.heard.cut_at, self.heard.ends[self.index]
        return end if cut_at is None else min(cut_at, end)


def rehearse(test: CallerTest, site: Site, catalogue: Catalogue) -> Rehearsed:
    """Play this test at this site."""
    stage = Stage(site, test.hotline, catalogue, test.company)
    began_at = stage.now
    stage.dial(test.dial)
    failures = _Play(stage, site, catalogue, test.hotline).through(test)
    return Rehearsed(
        test, tuple(failures), stage.transcript, stage.footprints, stage.now - began_at
    )


class _Play:
    """One call as far as it has come; ``_next`` is the first prompt that no step has named."""

    def __init__(self, stage: Stage, site: Site, catalogue: Catalogue, hotline: str) -> None:
        self._stage = stage
        self._site = site
        self._catalogue = catalogue
        self._next = 0
        self._now_so: Mapping[str, Callable[[], str]] = {
            "queue": self._queue,
            "skill": self._asked_for,
            "priority": self._priority,
            "position": self._position,
            "expected_wait": self._expected_wait,
            "ringing": lambda: stage.ringing or NOBODY,
            "agent": self._agent,
            "language": self._language,
            "message": lambda: last_message(stage.transcript),
            "transfer": lambda: put_through_to(
                stage.transcript, stage.phase, site.hotlines[hotline]
            ),
            "context": lambda: stage.shown or NONE,
            "node": lambda: stage.footprints.nodes[-1] if stage.footprints.nodes else NONE,
        }

    def through(self, test: CallerTest) -> list[Failure]:
        """Do every step, then see the call end; what went otherwise."""
        for step in test.steps:
            try:
                self._do(step)
            except _Otherwise as failed:
                return [Failure(failed.place or step.place, failed.expected, failed.happened)]
        if not self._comes(lambda: self._stage.is_over, within_ms=CALL_MS_MAX):
            return [
                Failure(test.place, "the call to end", f"it goes on after {CALL_HOURS_MAX} hours")
            ]
        ended = _ended(self._stage)
        return [
            Failure(each.place, f"{each.what}: {each.value}", f"{each.what}: {came}")
            for each in test.ending
            if (came := ended.get(each.what, NONE)) != each.value
        ]

    def _do(self, step: CallStep) -> None:
        match step:
            case Hear():
                self._hear(step)
            case HearWords(words=wanted):
                self._hear_words(wanted)
            case Press(keys=keys):
                self._press(keys)
            case LetPass(for_ms=for_ms):
                self._stage.run_until(self._stage.now + for_ms)
            case SayWords():
                self._say_words(step.for_ms)
            case Expect(things=things):
                self._expect(things)
            case ExpertDoes():
                self._expert(step)
            case CloseHotline(reason=reason):
                self._stage.close(reason)
            case OutsideHangsUp() | HangUpNow():
                self._hangs_up(step)
            case _:
                assert_never(step)

    def _hangs_up(self, step: OutsideHangsUp | HangUpNow) -> None:
        if isinstance(step, OutsideHangsUp):
            if not self._stage.outside_hangs_up():
                raise _Otherwise("the other side hangs up", "the caller talks to nobody there")
        elif self._stage.is_over:
            raise _Otherwise("the caller hangs up", self._how_over())
        else:
            self._stage.hang_up()

    def _comes(self, is_so: Callable[[], bool], *, within_ms: Millis) -> bool:
        until = self._stage.now + within_ms
        while not is_so():
            if self._stage.is_over or not self._stage.step(until):
                return is_so()
        return True

    def _spoken(self) -> list[_Spoken]:
        heard = self._stage.transcript.heard()
        return [_Spoken(each, index) for each in heard for index in range(len(each.prompts))]

    def _next_spoken(self, expected: str) -> _Spoken:
        if not self._comes(lambda: len(self._spoken()) > self._next, within_ms=PATIENCE_MS):
            raise _Otherwise(expected, self._silence())
        return self._spoken()[self._next]

    def _hear(self, step: Hear) -> None:
        language = f" ({step.language})" if step.language else ""
        for prompt in step.prompts:
            expected = f"hears {prompt}{language}"
            spoken = self._next_spoken(expected)
            other_language = step.language not in (None, spoken.heard.language)
            if spoken.prompt != prompt or other_language:
                raise _Otherwise(expected, self._said(spoken))
            self._listen(spoken)
            self._next += 1

    def _hear_words(self, wanted: str) -> None:
        expected = f'hears the words "{wanted}"'
        heard = self._next_spoken(expected).heard
        if wanted not in words(heard.prompts, heard.language, self._catalogue):
            raise _Otherwise(expected, self._said(_Spoken(heard, 0)))
        self._listen(_Spoken(heard, len(heard.prompts) - 1))
        self._next = [each.heard for each in self._spoken()].index(heard) + len(heard.prompts)

    def _listen(self, spoken: _Spoken) -> None:
        """Let it be said to its end, or till something cuts it."""
        while self._stage.now < spoken.over_at:
            if not self._stage.step(spoken.over_at):
                self._stage.run_until(spoken.over_at)

    def _press(self, keys: str) -> None:
        for number, key in enumerate(keys):
            if number:
                self._stage.run_until(self._stage.now + KEY_GAP_MS)
            if self._stage.is_over:
                raise _Otherwise(f"presses {key}", self._how_over())
            self._next = len(self._spoken())
            self._stage.press(key)

    def _say_words(self, for_ms: Millis) -> None:
        if not self._comes(lambda: self._stage.phase is Phase.RECORDING, within_ms=PATIENCE_MS):
            raise _Otherwise("the caller speaks into a recording", self._silence())
        self._stage.speak(for_ms)
        self._stage.run_until(self._stage.now + for_ms)

    def _expect(self, things: tuple[Expectation, ...]) -> None:
        def open_ones() -> list[Expectation]:
            return [each for each in things if self._now_so[each.what]() != each.value]

        if not self._comes(lambda: not open_ones(), within_ms=PATIENCE_MS):
            first = open_ones()[0]
            came = f"{first.what}: {self._now_so[first.what]()}"
            waited = self._how_over() if self._stage.is_over else self._still()
            came = f"{came} ({waited}{self._left_at(first.what)})"
            raise _Otherwise(f"{first.what}: {first.value}", came, first.place)

    def _left_at(self, what: str) -> str:
        """Till when the caller was in a queue, where one is expected and it is over."""
        left = last_stay(self._stage.transcript) if what in OF_A_QUEUE else None
        if left is None:
            return ""
        at = clock(left[1] - self._stage.transcript.began_at)
        return f"; she was in the queue {left[0].queue} till {at}"

    def _expert(self, step: ExpertDoes) -> None:
        if not self._stage.act(step.agent, step.act):
            expected = f"expert {step.agent} {step.act.value}"
            raise _Otherwise(expected, f"she can not: the caller talks to {self._agent()}")

    def _queue(self) -> str:
        waits = self._waits()
        return NONE if waits is None else waits.queue

    def _waits(self) -> Waits | None:
        return stay_of(self._stage.transcript, self._stage.phase)

    def _asked_for(self) -> str:
        waits, step = self._waits(), self._stage.step_of_queue
        if waits is None or step is None:
            return NONE
        if step == PREFERRED_STEP:
            return NONE
        return requirement_text(self._site.queues[waits.queue].steps[step].requirement)

    def _priority(self) -> str:
        waits = self._waits()
        return NONE if waits is None else duration_text(waits.priority_ms)

    def _position(self) -> str:
        lines = self._stage.transcript.lines
        said = [line.position for line in lines if isinstance(line, PositionSaid)]
        return str(said[-1]) if said else NONE

    def _expected_wait(self) -> str:
        lines = self._stage.transcript.lines
        said = [line.minutes for line in lines if isinstance(line, PositionSaid)]
        minutes = said[-1] if said else None
        return NONE if minutes is None else duration_text(minutes * MINUTE_MS)

    def _agent(self) -> str:
        talking = self._stage.talking if self._stage.phase is Phase.CONNECTED else None
        return talking or NOBODY

    def _language(self) -> str:
        heard = self._stage.transcript.heard()
        return heard[-1].language if heard else NONE

    def _said(self, spoken: _Spoken) -> str:
        heard = spoken.heard
        said = words((heard.prompts[spoken.index],), heard.language, self._catalogue)
        at = clock(heard.at - self._stage.transcript.began_at)
        return f'hears {spoken.prompt} ({heard.language}) "{said}", at {at}'

    def _silence(self) -> str:
        over = self._stage.is_over
        return f"nothing more is said: {self._how_over()}" if over else self._still()

    def _how_over(self) -> str:
        record = self._stage.record
        outcome = "" if record is None else f", with the outcome {record.outcome.value}"
        return f"the call is over{outcome}"

    def _still(self) -> str:
        node = self._stage.footprints.nodes[-1]
        return f"not within {duration_text(PATIENCE_MS)}; the caller is at the node {node}"


def _ended(stage: Stage) -> Mapping[str, str]:
    """What can be asked of a call that is over, as an author would write it."""
    record = stage.record
    if record is None:
        return {}
    orders = [line for line in stage.transcript.lines if isinstance(line, OrderMade)]
    order = orders[-1] if orders else None
    return {
        "outcome": record.outcome.value,
        "record reason": record.reason,
        **said_at_the_end(record),
        RECORDED: recorded_in(stage.transcript),
        "record language": record.language or NONE,
        "record queue": local_name(record.queue) if record.queue else NONE,
        "record agent": local_name(record.agent) if record.agent else NOBODY,
        "record wait": NONE if record.wait_ms is None else duration_text(record.wait_ms),
        "record offers": str(record.offers_made),
        "record transfer": record.transferred_to or NONE,
        "work_order topic": order.topic if order else NONE,
        "work_order skill": (order.skill or NONE) if order else NONE,
        "work_order within": duration_text(order.within_ms) if order else NONE,
    }

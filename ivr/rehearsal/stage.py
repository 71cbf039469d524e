"""One caller, the experts and the hotline, on virtual time: the driver of production between them.

The stage feeds the driver what the people do, performs what it asks for, and writes down what
happens to the caller. It decides nothing, and its time moves only when told to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import cast

from ivr.call.effects import (
    EdgeEffect,
    KeepVoiceMessage,
    PlayPrompts,
    PromiseCallback,
    PushMessage,
    RequestLookup,
    WriteRecord,
)
from ivr.call.events import (
    CallArrived,
    DigitReceived,
    HotlineClosed,
    LegEnded,
    LegsBridged,
)
from ivr.call.model import LegId, PartyRef
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord
from ivr.call.vault import Vault
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, SiteActivated
from ivr.flow.model import NodeName, PromptKey
from ivr.flow.site import Site
from ivr.prompts.model import Catalogue, Language, PromptUnknown
from ivr.rehearsal.agenda import Agenda
from ivr.rehearsal.asked_services import ANSWERS_AFTER_MS, AskedServices, Stub, Stubs
from ivr.rehearsal.clerk import Clerk
from ivr.rehearsal.doors import WAITING, with_doors
from ivr.rehearsal.exchange import REJECTED, Exchange
from ivr.rehearsal.experts import HABIT_OF, Act, Habit, LineHabit, RecordingHabit
from ivr.rehearsal.footprints import Footprints
from ivr.rehearsal.rush import BY_TEST, Rush
from ivr.rehearsal.texting import text_sent
from ivr.rehearsal.transcript import HIDDEN_KEY, Pressed, Transcript
from router.events import DeviceReachabilityChanged, PresenceRequested
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    Origin,
    PresenceChange,
    RequestId,
    qualified,
)

CALLER = ContactId("caller")
CALLER_LEG = LegId("caller.0")

STEPS_MAX = 200_000
"""Events of one rehearsal; a caller who waits two hours and is told of it meets a thousand."""

UNKNOWN_PROMPT_MS = 2_000
"""How long a prompt lasts whose duration nobody has measured yet."""

OTHERS_TALK_MS = 30 * 60_000
"""How long other callers talk, once it is their turn: longer than anybody waits, so that it is the
test that says when an expert hangs up."""

OTHERS_APART_MS = 3_000
"""Between two other callers who come before: time enough for an expert to answer the first."""

ORDINARY_WALL = 1_772_503_200_000
"""When a call is made that names no time: Tuesday, 3 March 2026, 02:00 UTC, which is ten in the
morning in China and a working day there."""


class EndlessRehearsalError(Exception):
    """A rehearsal came to no end."""


class Number(Enum):
    """Whether the caller's number comes with the call; the words of ``caller:``."""

    KNOWN = "known"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Company:
    """What a call meets: the experts signed in, who called before her, and the time.

    ``experts`` goes from an agent's name to what she does when her phone rings, in the order in
    which they signed in; ``ahead`` from a queue's qualified name to how many called before her.
    ``wall`` is what the clock on the wall shows as she dials, in UTC milliseconds;
    ``caller_known`` whether her number comes with the call.
    """

    experts: Mapping[str, Habit] = field(default_factory=dict[str, Habit])
    ahead: Mapping[str, int] = field(default_factory=dict[str, int])
    wall: int = ORDINARY_WALL
    outside: Mapping[str, LineHabit] = field(default_factory=dict[str, LineHabit])
    """What becomes of calls outside, by the name of the number."""
    lookups: Stubs = field(default_factory=dict[str, tuple[Stub, ...]])
    """What other systems answer, by service."""
    caller_known: bool = True
    closed: str = ""
    """Why the hotline was closed by hand before the call; empty where it was not."""
    recording: RecordingHabit = RecordingHabit.KEPT
    rush: Rush = Rush()  # noqa: RUF009 - frozen


class Stage:
    """A call to one hotline of a site. ``record`` is there once the call is over."""

    def __init__(
        self, site: Site, hotline: str, catalogue: Catalogue, company: Company | None = None
    ) -> None:
        company = company or Company()
        self.now: Millis = 0
        self.transcript = Transcript(0)
        self.vault = Vault()
        self.services = AskedServices(company.lookups)
        self.record: ContactRecord | None = None
        self.footprints = Footprints(site.hotlines[hotline].flow.nodes)
        self._catalogue = catalogue
        self._hotline = site.hotlines[hotline]
        self._agenda = Agenda()
        self._clerk = Clerk(self.transcript, CALLER)
        self._caller_known = company.caller_known
        self._seats = {each.name: each.device for each in site.agents.values()}
        fixed = {seat for seat in self._seats.values() if seat is not None}
        self._free = [device for device in site.devices if device not in fixed]
        self._habits: dict[DeviceId, Habit] = {}
        self._exchange = Exchange(self._agenda, self._lasts, self._habit)
        self._exchange.outside = company.outside
        self._exchange.recordings.habit = company.recording
        self._clerk.recording_fails = company.recording is RecordingHabit.FAILED
        self._steps = 0
        self._has_hung_up = False
        self._wall_ms = company.wall - OTHERS_APART_MS * sum(company.ahead.values())
        self._requests = 0
        played = with_doors(site, hotline, self.footprints, company.ahead)
        self._rush = company.rush
        crowded = company.rush.site_of(played)
        self.driver = Driver({each.version: each for each in (played, crowded)})
        self._take(SiteActivated(played.version))
        if company.closed:
            self.close(company.closed)
        self._open(site, company)
        for event in company.rush.events(played):
            self._take(event)

    def dial(self, number: str) -> None:
        """The caller dials this number, and is answered."""
        self._clerk.dialled(self.now, number)
        self._arrive(CALLER, number)
        self.run_until(self.now)

    def press(self, key: str) -> None:
        """The caller presses one key, now."""
        if self._is_there():
            shown = HIDDEN_KEY if self.vault.shields(CALLER_LEG, self.now) else key
            self.transcript.lines.append(Pressed(self.now, shown))
            self.footprints.pressed()
            self._take(DigitReceived(CALLER_LEG, key))
            self._exchange.recordings.press(CALLER_LEG, key, self.now)

    def speak(self, for_ms: Millis) -> None:
        """The caller speaks from now on, for so long."""
        if self._is_there():
            self._clerk.speaks(self.now, for_ms)
            self._exchange.recordings.speak(CALLER_LEG, self.now, for_ms)

    def hang_up(self) -> None:
        """The caller puts the receiver down, now."""
        if self._is_there():
            self._has_hung_up = True
            self._clerk.caller_hung_up(self.now)
            self._exchange.end(CALLER_LEG, self.now)

    def close(self, reason: str) -> None:
        """Somebody closes the hotline by hand, now."""
        self._requests += 1
        request = RequestId(f"r{self._requests}")
        self._take(HotlineClosed(request, self._hotline.name, reason, BY_TEST))

    def act(self, agent: str, act: Act) -> bool:
        """The expert does this now, and goes on doing so; whether it can be done."""
        match act:
            case Act.SIGNS_IN:
                return self._sign_in(agent)
            case Act.SIGNS_OUT:
                self._ask_presence(PresenceChange.SIGN_OUT, agent, None)
                return True
            case Act.HANGS_UP:
                return self._hangs_up(agent)
            case _:
                return self._treats_calls(agent, HABIT_OF[act])

    def outside_hangs_up(self) -> bool:
        """Who was called outside puts the receiver down, now; whether there is one who talks."""
        leg = self._clerk.outside
        if leg is None or not self._exchange.is_up(leg):
            return False
        self._clerk.outside_hung_up()
        self._exchange.end(leg, self.now)
        return True

    @property
    def shown(self) -> str:
        """What the expert's phone showed of the caller when it rang last."""
        return self._clerk.shown

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return self.record is not None

    @property
    def phase(self) -> Phase | None:
        """What the caller is doing; None before and after the call."""
        return self.driver.calls.phase_of(CALLER)

    @property
    def step_of_queue(self) -> int | None:
        """The step of the queue at which the caller stands, the first being 0."""
        return self.driver.router.step_of(CALLER)

    @property
    def ringing(self) -> str | None:
        """The expert whose phone rings for the caller."""
        return self._clerk.ringing

    @property
    def talking(self) -> str | None:
        """The expert to whom the caller talks or talked last."""
        return self._clerk.talking

    def next_due(self) -> Millis | None:
        """When something happens by itself."""
        dues = (self._agenda.next_due(), self.driver.next_deadline())
        return min((due for due in dues if due is not None), default=None)

    def step(self, until: Millis) -> bool:
        """Let the next thing happen, if there is one due by ``until``; whether there was."""
        due = self.next_due()
        if due is None or due > until:
            return False
        self._steps += 1
        if self._steps > STEPS_MAX:
            raise EndlessRehearsalError(f"{STEPS_MAX} events and the call still goes on")
        self.now = max(self.now, due)
        agreed = self._agenda.next_due()
        event = self._agenda.pop() if agreed is not None and agreed <= self.now else None
        self._take(event or DeadlineReached())
        return True

    def run_until(self, at: Millis) -> None:
        """Let time pass till then."""
        while self.step(at):
            pass
        self.now = max(self.now, at)

    def _is_there(self) -> bool:
        return not self._has_hung_up and self._exchange.lives(CALLER_LEG)

    def _take(self, event: EngineEvent) -> None:
        """One turn of the driver, with all that comes of it."""
        event = self.vault.taken(event, self.now)
        self._exchange.note(event)
        self.footprints.turn_begins()
        result = self.driver.handle(event, self.now, wall=self._wall_ms + self.now)
        self.vault.heed((*result.edge, *result.once_only), self.now)
        self._clerk.event(self.now, event)
        self._ask_services(result.edge)
        for message in result.messages:
            self._clerk.message(self.now, message)
        for once in result.once_only:
            match once:
                case WriteRecord(record) if record.contact == CALLER:
                    self.record = record
                case PromiseCallback(contact=contact) if contact == CALLER:
                    self._clerk.promised(self.now, once)
                case KeepVoiceMessage(contact=contact) if contact == CALLER:
                    self._clerk.left_message(self.now, once)
                case PushMessage(contact=contact) if contact == CALLER:
                    self._clerk.texted(text_sent(once, self._hotline, self.now))
                case _:
                    pass
        for effect in result.telephony:
            ends: tuple[Millis, ...] = ()
            if isinstance(effect, PlayPrompts):
                ends = self._ends(effect)
                if effect.leg == CALLER_LEG:
                    self.footprints.spoken_to()
            self._clerk.effect(self.now, effect, ends)
            self._exchange.perform(effect, self.now)
        self._let_others_end(event)

    def _ask_services(self, effects: Iterable[EdgeEffect]) -> None:
        for asked in effects:
            if isinstance(asked, RequestLookup):
                flow = self._hotline.flow
                node = flow.nodes.get(NodeName(self.footprints.nodes[-1]))
                answered = self.services.answer(asked, flow, node)
                self._clerk.asked(asked, why_unusable=self.services.why_unusable)
                self._agenda.put(self.now + ANSWERS_AFTER_MS, answered)

    def _let_others_end(self, event: EngineEvent) -> None:
        if isinstance(event, LegsBridged) and event.leg != CALLER_LEG:
            self._agenda.put(self.now + OTHERS_TALK_MS, LegEnded(event.leg, None))

    def _open(self, site: Site, company: Company) -> None:
        for device in site.devices:
            self._take(DeviceReachabilityChanged(DeviceId(qualified(device)), reachable=True))
        for agent, habit in company.experts.items():
            if self._sign_in(agent):
                self._treats_calls(agent, habit)
        for queue, callers in company.ahead.items():
            for number in range(callers):
                self._arrive(ContactId(f"{queue}-{number}"), f"{WAITING}{queue}")
                self.run_until(self.now + OTHERS_APART_MS)

    def _arrive(self, contact: ContactId, number: str) -> None:
        leg = LegId(f"{contact}.0")
        self._exchange.arrive(leg)
        arrived = CallArrived(contact, leg, number, PartyRef(contact))
        if contact == CALLER:
            arrived = replace(
                arrived,
                caller_known=self._caller_known,
                last_agent=self._rush.last_agent,
                last_agent_ago_ms=self._rush.last_agent_ago_ms,
            )
        self._take(arrived)

    def _sign_in(self, agent: str) -> bool:
        seat = self._seats.get(agent)
        if seat is None:
            if not self._free:
                return False
            seat = self._seats[agent] = self._free.pop(0)
        self._ask_presence(PresenceChange.SIGN_IN, agent, DeviceId(qualified(seat)))
        return True

    def _ask_presence(self, change: PresenceChange, agent: str, at: DeviceId | None) -> None:
        self._requests += 1
        request = RequestId(f"r{self._requests}")
        who = AgentId(qualified(agent))
        self._take(PresenceRequested(request, change, who, at, None, Origin.COMMAND))

    def _treats_calls(self, agent: str, habit: Habit) -> bool:
        seat = self._seats.get(agent)
        if seat is None:
            return False
        device = DeviceId(qualified(seat))
        self._habits[device] = habit
        leg = self._exchange.leg_at(device, is_up=False)
        if leg is None or self.ringing != agent:
            return True
        match habit:
            case Habit.ANSWERS:
                self._exchange.answer(leg, self.now)
            case Habit.REJECTS:
                self._exchange.end(leg, self.now, cause=REJECTED)
            case Habit.RINGS_OUT:
                self._exchange.ring_out(leg)
        return True

    def _hangs_up(self, agent: str) -> bool:
        seat = self._seats.get(agent)
        leg = seat and self._exchange.leg_at(DeviceId(qualified(seat)), is_up=True)
        if not leg:
            return False
        if self.phase is Phase.CONNECTED and self.talking == agent:
            self._clerk.expert_hung_up()
        self._exchange.end(leg, self.now)
        return True

    def _habit(self, device: DeviceId) -> Habit:
        return self._habits.get(device, Habit.RINGS_OUT)

    def _lasts(self, effect: PlayPrompts) -> Millis:
        return self._ends(effect)[-1] - self.now if effect.prompts else 0

    def _ends(self, effect: PlayPrompts) -> tuple[Millis, ...]:
        ends: list[Millis] = []
        at = self.now
        for key in effect.prompts:
            at += self._duration(key, cast("Language", effect.language))
            ends.append(at)
        return tuple(ends)

    def _duration(self, key: PromptKey, language: Language) -> Millis:
        try:
            return self._catalogue.duration_ms(key, language)
        except PromptUnknown:
            return UNKNOWN_PROMPT_MS

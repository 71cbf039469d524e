"""Callers, agents and two nodes between whom messages get late: ``python -m simulator.world``.

The call core and the router are the real ones, Asterisk is the fake one, time is virtual. In one
process the driver hands each message over in the turn in which it was said. Here a wire carries
them, as between two nodes: each world first draws what that wire does to them. After every step the
invariants of the design must hold; the router's oracle is told the same and must have chosen alike.
Then the faults end and nobody comes any more: everything must come to its end by itself.

One seed is one world, to the byte. What fails says with which command it is seen again.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from ivr.call.core import CallCore
from ivr.call.effects import (
    AcceptOffer,
    AnswerClosing,
    AnswerTransfer,
    CallEffect,
    EndEngagement,
    FailOffer,
    KeepVoiceMessage,
    LiftShield,
    MessageToRouter,
    OccupyDevice,
    PromiseCallback,
    PushMessage,
    QueueContact,
    RequestLookup,
    RequestPresence,
    RequestWrapUp,
    ShieldKeys,
    VacateDevice,
    WithdrawContact,
    WriteRecord,
)
from ivr.call.events import (
    CallArrived,
    CallEvent,
    CallTimerFired,
    PresenceAnswered,
    RouterMessage,
    TransferRequested,
)
from ivr.call.snapshot import CallSnapshot
from ivr.engine.messages import as_call_event, as_router_event
from ivr.engine.site_events import site_events
from router.agent_state import EngagementPhase
from router.core import Router
from router.effects import AnswerPresence, OverflowContact, RecordPresence, RouterEffect
from router.errors import CoreBug
from router.events import DeviceReachabilityChanged, RouterEvent, TimerFired
from router.model import AgentId, ContactId, Millis
from router.snapshot import RouterSnapshot
from simulator.fake_asterisk import FakeAsterisk, Latencies, Latency, NodeSettings
from simulator.oracle import NaiveRouter
from simulator.router_compared import same
from simulator.virtual_time import Appointment, RunawayError, VirtualTime
from simulator.world_book import Book
from simulator.world_checks import Checks
from simulator.world_draws import Extras, Shape, shape_of, stream
from simulator.world_people import Author, Callers, Known, Staff
from simulator.world_site import (
    HOTLINE,
    PROMPT_MS,
    site_of,
    with_other_skills,
)
from simulator.world_story import Story, WorldFailure
from simulator.world_turns import Turns
from simulator.world_wire import Wire, subject_of

WALL_MS: Final = 1_700_000_000_000
"""UTC milliseconds as a world begins."""
HEAL_MS: Final = 9 * 3_600_000
"""For everything to end by itself: twice the longest conversation, and the longest wait."""
BUGS: Final = (CoreBug, RunawayError, LookupError, TypeError, AttributeError, ValueError)
"""How a core tells that it met a bug of its own."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What a world went through."""

    seed: int
    steps: int
    contacts: int
    offers: int
    seen: Counter[str]
    trace: str


class World:
    """One world, from its shape; ``live`` lets it happen."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.time = VirtualTime()
        self.story = Story(shape.seed, flags="" if shape.extras != Extras() else " --plain")
        latency = Latency(2, spread_ms=20)
        self.fake = FakeAsterisk(
            self.time,
            prompt_ms=PROMPT_MS,
            settings=NodeSettings(latencies=Latencies(latency, Latency(2), latency, latency)),
            chance=stream(shape.seed, "phones"),
        )
        self.site = site_of(shape)
        self._sites = {self.site.version: self.site}
        self.calls, self.router, self.oracle = CallCore(), Router(), NaiveRouter()
        self.book, self.turns = Book(self.story), Turns(self.story)
        self.checks = Checks(self.story, self.fake)
        self.ignored: Counter[str] = Counter()
        self.arrived = 0
        faults = shape.faults
        self.to_router: Wire[MessageToRouter] = Wire(
            self.time, stream(shape.seed, "to router"), faults, self._router_hears
        )
        self.to_calls: Wire[RouterMessage] = Wire(
            self.time, stream(shape.seed, "to calls"), faults, self._calls_hear
        )
        self._restoring = stream(shape.seed, "restoring")
        self._walls = stream(shape.seed, "walls")
        self._known = Known(shape)
        self._timers: dict[str, Appointment] = {}
        self._asked: dict[str, str] = {}
        self._promised: set[str] = set()

    def live(self) -> Lived:
        """Let it all happen, with faults and then without; :class:`WorldFailure` at the first."""
        try:
            self._live()
        except BUGS as bug:
            self.story.fail(f"{type(bug).__name__}: {bug}")
        seen = self.to_router.seen + self.to_calls.seen + self.turns.seen
        return Lived(
            self.shape.seed,
            self.story.step,
            len(self.checks.records),
            self.book.made,
            seen,
            self.story.hash.hexdigest(),
        )

    def _live(self) -> None:
        self.fake.attach(
            events=self._call_event,
            reachability=lambda device, up: self.tell_router(DeviceReachabilityChanged(device, up)),
        )
        self.calls.activate(self.site)
        for event in site_events(None, self.site):
            self.tell_router(event)
        staff = Staff(self.shape, self.time, self.fake, self)
        staff.begin()
        Callers(self.shape, self.time, self.fake)
        Author(self.shape, self.time, self)
        self.time.run_until(self.shape.lasts_ms)
        self.to_router.heal()
        self.to_calls.heal()
        staff.settle()
        self.time.run_for(HEAL_MS)
        self.checks.all_over(self.calls, self.router, self.arrived)
        # A device's own call has no deadline: where its end is lost, nothing heals it (known).
        for device, call in self.checks.calls_of_nobody(self.router):
            self.to_router.seen["calls for ever"] += 1
            if self.shape.faults.orderly:
                self.story.fail(f"17: {device} is for ever in its call {call}", str(device))

    # Where people act

    def tell_router(self, event: RouterEvent) -> None:
        """Give the router an event, and carry on what comes of it."""
        at = self.time.now()
        subject, late = _subject_of_event(event), self.book.is_late(event)
        before = self._held() if late else None
        effects = self.router.handle(event, at)
        self.story.tell(subject, at, f"router: {event} -> {list(effects)}")
        if before is not None:
            self._changed_nothing(before, effects, subject)
        wanted = self.oracle.handle(event, at)
        if not same(effects, wanted):
            self.story.fail(f"8: the oracle would {list(wanted)}", subject)
        self.book.note(event, effects, at, self.router)
        self.turns.note(event, effects, at, self.router)
        for effect in effects:
            match effect:
                case RecordPresence(record):
                    self._once(record.key)
                case AnswerPresence(request, answer, agent, presence):
                    asker = self._asked.pop(request, None)
                    if asker is not None:
                        answered = PresenceAnswered(request, answer, agent, presence)
                        self.to_calls.send(asker, answered)
                case _:
                    # It names the queue and not the entry: who comes to the same queue at once
                    # would be given up by the copy too (known; a log must number its messages).
                    nameless = isinstance(effect, OverflowContact)
                    subject = subject_of(effect.contact)
                    self.to_calls.send(subject, as_call_event(effect), nameless=nameless)
        self._after()

    def tell_calls(self, event: TransferRequested) -> None:
        """Give the call core what a desk asks for."""
        self._call_event(event)

    def reskill(self, number: int, chance: random.Random) -> None:
        """Let this agent have other skills from now on, as a reload of the site does."""
        before, self.site = self.site, with_other_skills(self.site, number, chance)
        self._sites[self.site.version] = self.site
        self.to_router.seen["reloads"] += 1
        self.calls.activate(self.site)
        for event in site_events(before, self.site):
            self.tell_router(event)

    def _held(self) -> tuple[RouterSnapshot, int]:
        """All that the router holds, and how often it ignored something."""
        taken = self.router.snapshot()
        return replace(taken, ignored=()), self.router.ignored.total()

    def _changed_nothing(
        self, before: tuple[RouterSnapshot, int], effects: Sequence[RouterEffect], subject: str
    ) -> None:
        """Invariant 10, of something that came twice or late."""
        (held, ignored), demand = self._held(), self.story.demand
        self.to_router.seen["late"] += 1
        demand(not effects, "10: late, and something came of it", subject)
        demand(held == before[0], "10: late, and the router is another one", subject)
        demand(ignored > before[1], "10: late, and not counted", subject)

    def talkers(self) -> list[AgentId]:
        """The agents who are in a talk, for the router."""
        talks = EngagementPhase.CONNECTED
        return [view.agent for view in self.router.agents() if view.engagement is talks]

    def waiting(self) -> list[ContactId]:
        """Who waits, for the router."""
        queues = self.router.queues()
        return [contact for view in queues for contact in self.router.waiting_in(view.queue)]

    # Turns

    def _router_hears(self, subject: str, message: MessageToRouter) -> None:
        if isinstance(message, RequestPresence | RequestWrapUp):
            self._asked[message.request] = subject
        self.tell_router(as_router_event(message))

    def _calls_hear(self, subject: str, message: RouterMessage) -> None:
        del subject
        self._call_event(message)

    def _call_event(self, event: CallEvent) -> None:
        at = self.time.now()
        if isinstance(event, CallArrived) and event.dialled == HOTLINE:
            self.arrived += 1
            event = self._known.recognised(event)
        effects = self.calls.handle(event, at, wall=self._wall(at))
        subject = _subject_of_event(event)
        self.story.tell(subject, at, f"calls: {event} -> {list(effects)}")
        for effect in effects:
            self._carry_out(effect, at)
        self._after()

    def _wall(self, at: Millis) -> int:
        if not self.shape.wall_jumps:
            return WALL_MS + at
        return WALL_MS + at + self._walls.choice((0, -3_600_000, 3_600_000, 86_400_000))

    def _carry_out(self, effect: CallEffect, at: Millis) -> None:
        match effect:
            case WriteRecord(record):
                self.checks.keep(record, at)
            case PromiseCallback(order):
                self._once(order)
            case KeepVoiceMessage() | PushMessage() | RequestLookup():
                self.story.fail(f"this site asks for no {effect}")
            case ShieldKeys() | LiftShield() | AnswerClosing() | AnswerTransfer():
                pass
            case QueueContact(contact) | WithdrawContact(contact):
                self.to_router.send(subject_of(contact), effect)
            case AcceptOffer(offer) | FailOffer(offer) | EndEngagement(offer):
                self.to_router.send(subject_of(offer), effect)
            case (
                OccupyDevice(device=device)
                | VacateDevice(device=device)
                | RequestPresence(device=device)
                | RequestWrapUp(device=device)
            ):
                self.to_router.send(str(device), effect)
            case _:
                self.fake.perform(effect)

    def _once(self, key: str) -> None:
        self.story.demand(key not in self._promised, f"15: {key} is done twice")
        self._promised.add(key)

    def _after(self) -> None:
        """After each step: what must hold, and when the next deadlines are."""
        self.checks.look(self.calls, self.time.now())
        quiet = not (self.to_router.under_way or self.to_calls.under_way)
        if quiet and self.shape.faults.orderly:
            self.checks.agree(self.calls, self.router)
        if self._restoring.random() < self.shape.restores:
            self._restore()
        self._arm("router", self.router.next_deadline())
        self._arm("calls", self.calls.next_deadline())

    def _restore(self) -> None:
        """Write both cores down, and let those that are read back go on."""
        router, calls = self.router.snapshot(), self.calls.snapshot()
        taken = msgspec.json.decode(msgspec.json.encode(router), type=RouterSnapshot)
        self.router = Router.restored(taken)
        held = msgspec.json.decode(msgspec.json.encode(calls), type=CallSnapshot)
        self.calls = CallCore.restored(held, self._sites)

    def _arm(self, core: str, due: Millis | None) -> None:
        known = self._timers.get(core)
        if known is not None and known.pending:
            if known.due == due:
                return
            known.cancel()
        if due is not None:
            self._timers[core] = self.time.at(due, lambda: self._on_timer(core))

    def _on_timer(self, core: str) -> None:
        if core == "router":
            self.tell_router(TimerFired())
        else:
            self._call_event(CallTimerFired())


def _subject_of_event(event: RouterEvent | CallEvent) -> str:
    """The contact or device that this is about; nobody's if it is about several."""
    for name in ("contact", "offer", "leg", "device"):
        found = getattr(event, name, None)
        if isinstance(found, str):
            return subject_of(found)
    return ""


def live(seed: int, *, healthy_wire: bool = False, plain: bool = False) -> Lived:
    """The world of this seed; with ``healthy_wire`` without the faults that it drew.

    ``plain`` worlds have nothing of what was added to worlds later.
    """
    shape = shape_of(seed)
    if plain:
        shape = replace(shape, extras=Extras())
    if healthy_wire:
        shape = replace(shape, faults=type(shape.faults)())
    return World(shape).live()


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator.world", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first world")
    parser.add_argument("--worlds", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="as worlds were at first")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Run; the exit status: 0 all invariants held, 1 one that did not is shown."""
    given = _arguments(argv)
    begun = time.monotonic()
    total: Counter[str] = Counter()
    for seed in range(given.seed, given.seed + given.worlds):
        try:
            lived = live(seed, plain=given.plain)
        except WorldFailure as failure:
            sys.stdout.write(f"{failure}\n")
            return 1
        total.update(lived.seen)
        total.update(steps=lived.steps, contacts=lived.contacts, offers=lived.offers)
    took_s = time.monotonic() - begun
    for what, number in sorted(total.items()):
        sys.stdout.write(f"  {what:<12} {number:>9,}\n")
    sys.stdout.write(f"{given.worlds:,} worlds, all invariants held, in {took_s:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Who acts in a world: callers who come, agents and whoever runs the centre. Seeded, and blind.

They draw the same numbers whatever becomes of what they do, so that the same people come in a world
with other faults.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from ivr.call.events import CallArrived, TransferOrder, TransferRequested
from ivr.flow.transfer_names import desk_agent_queue
from router.events import (
    ContactChanged,
    CrisisDeclared,
    CrisisEnded,
    DayStarted,
    PresenceRequested,
    RouterEvent,
    WrapUpRequested,
)
from router.model import (
    AgentId,
    ContactId,
    Millis,
    Origin,
    PresenceChange,
    QueueId,
    RequestId,
    WrapUpChange,
    local_name,
    qualified,
)
from simulator.fake_asterisk import (
    Answers,
    CallerScript,
    FakeAsterisk,
    PhoneScript,
    Rejects,
    RingsOut,
)
from simulator.virtual_time import VirtualTime
from simulator.world_draws import Shape, stream
from simulator.world_site import HOTLINE, WITHIN_MS, agent_of, device_of, queue_of

PATIENCE_MS: Final = (None, None, 2_000, 8_000, 20_000, 40_000, 70_000)
CODES: Final = ("*12", "*131", "*14", "*15", "*16", "*171", "*11", "*11a0", "*11a1", "*99")
UNKNOWN_SHARE: Final = 0.4
"""Callers who never talked to anybody."""
BRACKET: Final = 97
"""One of so many is drawn where the choice is made later, among what there is then."""


class Stage(Protocol):
    """Where they act."""

    def tell_router(self, event: RouterEvent) -> None:
        """As from a desk that is connected to the router's node."""
        ...

    def tell_calls(self, event: TransferRequested) -> None:
        """As from a desk that is connected to the call node."""
        ...

    def talkers(self) -> list[AgentId]:
        """The agents whom the call side has in a talk."""
        ...

    def waiting(self) -> list[ContactId]:
        """Who waits, for the router."""
        ...

    def reskill(self, number: int, chance: random.Random) -> None:
        """As from whoever changes the site while it runs."""
        ...


class Callers:
    """They come one after another till they are told to stop."""

    def __init__(self, shape: Shape, time: VirtualTime, fake: FakeAsterisk) -> None:
        self._shape, self._time, self._fake = shape, time, fake
        self._chance = stream(shape.seed, "callers")
        self.came: list[tuple[Millis, CallerScript]] = []
        self._next()

    def _next(self) -> None:
        gap_ms = int(self._chance.expovariate(1 / self._shape.gap_ms))
        # Now and then several at once, as after an advertisement.
        number = 1 if self._chance.random() < 0.9 else self._chance.randint(2, 6)
        scripts = [self._script() for _ in range(number)]
        due = self._time.now() + gap_ms
        if due < self._shape.lasts_ms:
            self._time.at(due, lambda: self._arrive(scripts))

    def _script(self) -> CallerScript:
        chance = self._chance
        presses = [(chance.randrange(300, 4_000), chance.choice("1123"))]
        presses += [
            (chance.randrange(4_000, 60_000), chance.choice("7788900123"))
            for _ in range(chance.choice((0, 0, 1, 3)))
        ]
        patience_ms = chance.choice(PATIENCE_MS)
        hangs_up_at_ms = None if patience_ms is None else patience_ms + chance.randrange(3_000)
        return CallerScript(tuple(presses), hangs_up_at_ms)

    def _arrive(self, scripts: list[CallerScript]) -> None:
        for script in scripts:
            self.came.append((self._time.now(), script))
            self._fake.arrive(script, dialled=HOTLINE)
        self._next()


class Known:
    """Which callers talked to whom before, where the site asks for it."""

    def __init__(self, shape: Shape) -> None:
        self._shape, self._chance = shape, stream(shape.seed, "known callers")

    def recognised(self, call: CallArrived) -> CallArrived:
        """This call, with who served its caller last if anybody did."""
        if not self._shape.extras.prefers or self._chance.random() < UNKNOWN_SHARE:
            return call
        agent = agent_of(self._chance.randrange(self._shape.agents))
        ago_ms = self._chance.randrange(2 * WITHIN_MS)
        return replace(call, last_agent=agent, last_agent_ago_ms=ago_ms)


class Author:
    """Whoever changes the site while it runs, one agent after another."""

    def __init__(self, shape: Shape, time: VirtualTime, stage: Stage) -> None:
        self._shape, self._time, self._stage = shape, time, stage
        self._chance = stream(shape.seed, "author")
        self._next()

    def _next(self) -> None:
        reload_ms = self._shape.extras.reload_ms
        if reload_ms is None:
            return
        due = self._time.now() + 1 + int(self._chance.expovariate(1 / reload_ms))
        if due < self._shape.lasts_ms:
            self._time.at(due, self._change)

    def _change(self) -> None:
        self._stage.reskill(self._chance.randrange(self._shape.agents), self._chance)
        self._next()


class Staff:
    """The agents, their phones, and whoever runs the centre."""

    def __init__(self, shape: Shape, time: VirtualTime, fake: FakeAsterisk, stage: Stage) -> None:
        self._shape, self._time, self._fake, self._stage = shape, time, fake, stage
        self._chance = stream(shape.seed, "staff")
        self._requests = 0
        self._deeds: dict[str, Callable[[int, int, random.Random], None]] = {
            "phone": self._phone, "sign_in": self._sign_in, "sign_out": self._sign_out,
            "pause": self._pause, "pause_later": self._pause_later, "resume": self._resume,
            "wrap_up": self._wrap_up, "code": self._code, "own_call": self._own_call,
            "hang_up": self._hang_up, "transfer": self._transfer, "crisis": self._crisis,
            "crisis_over": self._crisis_over, "move": self._move, "day": self._day,
            "lose_phone": self._lose_phone,
        }  # fmt: skip

    def begin(self) -> None:
        """Everybody has a phone, most sign in, and the day begins."""
        for number in range(self._shape.agents):
            self._fake.set_phone(device_of(number), self._draw_phone(self._chance))
            if self._chance.random() < 0.8:
                self._ask(PresenceChange.SIGN_IN, number, seat=number)
        self._next()

    def settle(self) -> None:
        """Nobody does anything more; phones are answered, and talks end."""
        for number in range(self._shape.agents):
            self._fake.set_phone(device_of(number), Answers(1_000, hang_up_after_ms=20_000))
        for number in range(self._shape.queues):
            self._stage.tell_router(CrisisEnded(queue_of(number)))

    def _next(self) -> None:
        chance = self._chance
        gap_ms = 1 + int(chance.expovariate(1 / self._shape.deed_ms))
        names, odds = list(self._shape.deeds), list(self._shape.deeds.values())
        deed = self._deeds[chance.choices(names, odds)[0]]
        agent, other, seed = (chance.randrange(BRACKET) for _ in range(3))
        due = self._time.now() + gap_ms
        if due < self._shape.lasts_ms:
            self._time.at(due, lambda: self._do(deed, agent, other, seed))

    def _do(
        self, deed: Callable[[int, int, random.Random], None], agent: int, other: int, seed: int
    ) -> None:
        number = agent % self._shape.agents
        # Its own chance: how much is drawn may hang on what is found.
        deed(number, other, random.Random(f"{self._shape.seed}/{self._time.now()}/{seed}"))  # noqa: S311
        self._next()

    # Deeds

    def _draw_phone(self, chance: random.Random) -> PhoneScript:
        names, odds = list(self._shape.phones), list(self._shape.phones.values())
        match chance.choices(names, odds)[0]:
            case "soon":
                return Answers(chance.randrange(300, 2_000), chance.randrange(3_000, 40_000))
            case "slowly":
                return Answers(chance.randrange(2_000, 6_500), chance.randrange(3_000, 40_000))
            case "late":
                # Around the moment at which the router takes the offer back.
                return Answers(chance.choice((6_000, 10_000)) + chance.randrange(-450, 450))
            case "drops":
                return Answers(chance.randrange(500), chance.choice((0, 5, 30, 600, 1_200)))
            case "drops_soon":
                return Answers(0, hang_up_after_ms=0)
            case "busy":
                return Rejects(chance.choice((0, 50)))
            case "declines":
                return Rejects(chance.randrange(4_000), cause=21)
            case _:
                return RingsOut()

    def _phone(self, number: int, other: int, chance: random.Random) -> None:
        del other
        self._fake.set_phone(device_of(number), self._draw_phone(chance))

    def _lose_phone(self, number: int, other: int, chance: random.Random) -> None:
        del other, chance
        self._fake.unregister(device_of(number))

    def _ask(
        self,
        change: PresenceChange,
        number: int,
        *,
        seat: int | None = None,
        after_contact: bool = False,
    ) -> None:
        where = None if seat is None else device_of(seat % self._shape.agents)
        reason = "lunch" if change is PresenceChange.PAUSE else None
        asked = PresenceRequested(
            self._request(), change, agent_of(number), where, reason, Origin.COMMAND, after_contact
        )
        self._stage.tell_router(asked)

    def _request(self) -> RequestId:
        self._requests += 1
        return RequestId(f"desk{self._requests}")

    def _sign_in(self, number: int, other: int, chance: random.Random) -> None:
        self._ask(PresenceChange.SIGN_IN, number, seat=chance.choice((number, number, other)))

    def _sign_out(self, number: int, other: int, chance: random.Random) -> None:
        del other, chance
        self._ask(PresenceChange.SIGN_OUT, number)

    def _pause(self, number: int, other: int, chance: random.Random) -> None:
        del other, chance
        self._ask(PresenceChange.PAUSE, number)

    def _pause_later(self, number: int, other: int, chance: random.Random) -> None:
        del other, chance
        self._ask(PresenceChange.PAUSE, number, after_contact=True)

    def _resume(self, number: int, other: int, chance: random.Random) -> None:
        del other, chance
        self._ask(PresenceChange.RESUME, number)

    def _wrap_up(self, number: int, other: int, chance: random.Random) -> None:
        del other
        change = chance.choice(list(WrapUpChange))
        self._stage.tell_router(
            WrapUpRequested(self._request(), change, agent_of(number), None, Origin.COMMAND)
        )

    def _code(self, number: int, other: int, chance: random.Random) -> None:
        del other
        self._fake.arrive(CallerScript(), dialled=chance.choice(CODES), device=device_of(number))

    def _own_call(self, number: int, other: int, chance: random.Random) -> None:
        del other
        script = CallerScript(hangs_up_at_ms=chance.randrange(20_000))
        self._fake.arrive(script, dialled=HOTLINE, device=device_of(number))

    def _hang_up(self, number: int, other: int, chance: random.Random) -> None:
        del number, chance
        legs = self._fake.live_channels()
        if legs:
            self._fake.hang_up(legs[other % len(legs)])

    def _transfer(self, number: int, other: int, chance: random.Random) -> None:
        talkers = self._stage.talkers() or [agent_of(number)]
        own = local_name(queue_of(other % self._shape.queues))
        hers = desk_agent_queue(local_name(agent_of(number)))
        queue = QueueId(qualified(chance.choice((own, own, hers))))
        order = chance.choice([*TransferOrder, TransferOrder.CONSULT])
        who = talkers[other % len(talkers)]
        self._stage.tell_calls(TransferRequested(self._request(), who, order, queue))

    def _crisis(self, number: int, other: int, chance: random.Random) -> None:
        del number
        to = chance.choice((None, queue_of(chance.randrange(self._shape.queues))))
        self._stage.tell_router(CrisisDeclared(queue_of(other % self._shape.queues), to))

    def _crisis_over(self, number: int, other: int, chance: random.Random) -> None:
        del number, chance
        self._stage.tell_router(CrisisEnded(queue_of(other % self._shape.queues)))

    def _move(self, number: int, other: int, chance: random.Random) -> None:
        del number
        waiting = self._stage.waiting()
        if waiting:
            queue = chance.choice((None, queue_of(chance.randrange(self._shape.queues))))
            priority_ms = chance.choice((None, 0, 15_000))
            who = waiting[other % len(waiting)]
            self._stage.tell_router(ContactChanged(who, queue, priority_ms))

    def _day(self, number: int, other: int, chance: random.Random) -> None:
        del number, other, chance
        self._stage.tell_router(DayStarted())

"""The real driver on a fake Asterisk and virtual time, with every turn checked.

Each event that has an identity is given twice: the second time nothing may happen (invariant 10).
Digits have none, as two equal digits are two presses.
"""

import hashlib
import random
from collections import Counter
from typing import Any

from routing_ledger import AuditedRouter
from state_snapshot import state_of

from ivr.call.contact import KEYS_MAX
from ivr.call.effects import AnswerLeg, BridgeLegs, PlayPrompts, PromiseCallback
from ivr.call.events import CallArrived, DigitReceived, PlaybackFinished, TelephonyEvent
from ivr.call.model import LegId
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, TurnResult
from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    Menu,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
    SetLanguage,
)
from router.events import (
    AgentChanged,
    AgentSignedIn,
    AgentSignedOut,
    DeviceReachabilityChanged,
    QueueChanged,
)
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    Queue,
    QueueId,
    Requirement,
    Skill,
    Step,
    WaitingLimit,
)
from simulator.fake_asterisk import (
    Answers,
    CallerScript,
    FakeAsterisk,
    Faults,
    Latencies,
    Latency,
    NodeSettings,
    PhoneScript,
    Rejects,
    RingsOut,
)
from simulator.virtual_time import Appointment, VirtualTime

ZH, EN = Language("zh-CN"), Language("en-US")
LANGUAGES = (ZH, EN)
WELCOME, ASK, SORRY, MISSING = map(PromptKey, ("welcome", "ask", "sorry", "missing"))
PROMPT_MS = {
    (key, language): ms
    for language in LANGUAGES
    for key, ms in ((WELCOME, 1_500), (ASK, 2_500), (SORRY, 1_000))
}


def needs(skill: Skill) -> Requirement:
    return Requirement(({skill: 1},))


DATA, BILL = QueueId("main:data"), QueueId("main:bill")
DATA_SKILL, BILL_SKILL, VIP = Skill("data"), Skill("bill"), Skill("vip")
AGENTS = tuple(AgentId(f"main:a{n}") for n in range(4))
DEVICES = tuple(DeviceId(f"main:d{n}") for n in range(4))
SKILLS: tuple[dict[Skill, int], ...] = (
    {DATA_SKILL: 3},
    {BILL_SKILL: 1},
    {DATA_SKILL: 2, BILL_SKILL: 1},
    {VIP: 1},
    {DATA_SKILL: 1},
)
QUEUES = {
    DATA: (
        # Relaxes, as nearly all queues do.
        (
            (Step(Requirement(({DATA_SKILL: 2}, {VIP: 1})), 5_000), Step(needs(DATA_SKILL))),
            WaitingLimit(per_agent=2),
        ),
        ((Step(needs(DATA_SKILL)),), WaitingLimit(absolute=2)),
    ),
    BILL: (
        # Turns from one skill to quite another, and on to both.
        (
            (
                Step(needs(BILL_SKILL), 9_000),
                Step(needs(VIP), 8_000),
                Step(Requirement(({VIP: 1}, {BILL_SKILL: 1}))),
            ),
            None,
        ),
        ((Step(needs(DATA_SKILL), 6_000), Step(needs(BILL_SKILL))), WaitingLimit(3, 2)),
    ),
}
PHONES: tuple[PhoneScript, ...] = (
    Answers(after_ms=800),
    Answers(after_ms=0, hang_up_after_ms=0),
    Answers(after_ms=300, hang_up_after_ms=700),
    Answers(after_ms=2_000, hang_up_after_ms=9_000),
    Answers(after_ms=8_000),
    Rejects(after_ms=50),
    Rejects(after_ms=0, cause=21),
    RingsOut(),
)
DRAIN_MS = 8 * 3_600_000
"""More than the longest conversation and the longest wait together."""


def queue_of(identifier: QueueId, variant: int = 0) -> Queue:
    steps, waiting = QUEUES[identifier][variant]
    return Queue(
        identifier,
        steps,
        ring_ms_max=8_000,
        wait_ms_max=40_000,
        wrap_up_ms=3_000,
        misses_max=2 + variant,
        waiting=waiting,
    )


def hotline() -> Hotline:
    n = NodeName
    nodes = {
        n("welcome"): Play((WELCOME,), n("language")),
        n("language"): Menu(
            (ASK,),
            {"1": n("english"), "2": n("services"), "0": n("data")},
            noinput_after_ms=3_000,
            noinput=Retry(1, n("services")),
            nomatch=Retry(1, n("services")),
        ),
        n("english"): SetLanguage(EN, n("services")),
        n("services"): Menu(
            (ASK,),
            {"1": n("data"), "2": n("bill"), "0": n("quiet"), "*": n("language")},
            noinput_after_ms=3_000,
            noinput=Retry(1, n("data")),
            nomatch=Retry(2, n("data"), prompts=(MISSING,)),
            barge_in=False,
        ),
        n("data"): EnterQueue(
            "data",
            0,
            {
                QueueExit.NO_AGENTS: n("apology"),
                QueueExit.TIMED_OUT: n("bill"),
                QueueExit.FULL: n("bill"),
            },
        ),
        n("bill"): EnterQueue(
            "bill", 30_000, {QueueExit.NO_AGENTS: n("quiet"), QueueExit.TIMED_OUT: n("apology")}
        ),
        n("apology"): HangUp((SORRY, MISSING)),
        n("quiet"): HangUp(()),
    }
    return Hotline(
        "10086", ("10086",), LANGUAGES, "Asia/Shanghai", Flow("main", n("welcome"), nodes)
    )


class World:
    """One node, one pool, and whoever the test lets act in it."""

    def __init__(self, seed: int = 0, *, twice: bool = True) -> None:
        self.time = VirtualTime()
        self.trace = hashlib.sha256()
        self.promises: set[str] = set()
        self.records: dict[ContactId, ContactRecord] = {}
        self.arrived: set[ContactId] = set()
        self.lose: Counter[str] = Counter()
        self.was_cut = False
        self.was_told_all = True
        # A bridge is made before a later command can take it down: the adapter asks for both over
        # one socket, so here no other command is faster than a joining one.
        joining, spread = Latency(2), Latency(2, spread_ms=20)
        self.fake = FakeAsterisk(
            self.time,
            prompt_ms=PROMPT_MS,
            settings=NodeSettings(
                latencies=Latencies(
                    websocket=spread, http=joining, event=spread, signalling=spread
                ),
                faults=Faults(event_copies=self._copies),
            ),
            chance=random.Random(seed),
        )
        self.driver = Driver({"10086": hotline()})
        self.router = AuditedRouter()
        self.driver.router = self.router
        self._twice = twice
        self._timer: Appointment | None = None
        self._open_playbacks: Counter[LegId] = Counter()
        self._in_the_void: dict[LegId, Millis] = {}
        self._ended_at: dict[ContactId, Millis] = {}
        self.fake.attach(
            events=self.submit,
            reachability=lambda device, up: self.submit(DeviceReachabilityChanged(device, up)),
        )
        for identifier in (DATA, BILL):
            self.submit(QueueChanged(queue_of(identifier)))
        for agent, skills in zip(AGENTS, SKILLS, strict=False):
            self.submit(AgentChanged(Agent(agent, skills)))

    def _copies(self, event: TelephonyEvent) -> int:
        name = type(event).__name__
        if self.lose[name] <= 0:
            return 1
        self.lose[name] -= 1
        self.was_told_all = False
        return 0

    def submit(self, event: EngineEvent) -> None:
        at = self.time.now()
        if isinstance(event, CallArrived) and event.dialled == "10086":
            self.arrived.add(event.contact)
        if isinstance(event, PlaybackFinished):
            self._open_playbacks -= Counter([event.leg])
        result = self.driver.handle(event, at)
        self.trace.update(repr((at, event, result)).encode())
        if self._twice and not isinstance(event, DigitReceived):
            self._again(event, at)
        self._carry_out(result, at)
        self._check(at)
        self._arm()

    def _again(self, event: EngineEvent, at: Millis) -> None:
        before = state_of(self.driver)
        result = self.driver.handle(event, at)
        new = (*result.telephony, *result.once_only, *result.messages)
        if not (isinstance(event, CallArrived) and event.dialled != "10086"):
            assert new == (), f"{event} twice asked for {new}"
        assert state_of(self.driver) == before, f"{event} twice changed something"

    def _carry_out(self, result: TurnResult, at: Millis) -> None:
        for effect in result.telephony:
            if isinstance(effect, AnswerLeg | BridgeLegs):
                legs = effect.legs if isinstance(effect, BridgeLegs) else (effect.leg,)
                playing = {name.rpartition(".")[0] for name in self.fake.live_playbacks()}
                if self.was_told_all:
                    playing |= self._open_playbacks.keys()
                assert playing.isdisjoint(legs), "joined while something plays"
            if isinstance(effect, PlayPrompts):
                self._open_playbacks[effect.leg] += 1
            self.fake.perform(effect)
        for once in result.once_only:
            if isinstance(once, PromiseCallback):
                assert once.order not in self.promises, "promised twice"
                self.promises.add(once.order)
                continue
            assert once.record.contact not in self.records, "two records for one contact"
            self.records[once.record.contact] = once.record
            self._ended_at[once.record.contact] = at

    def _check(self, at: Millis) -> None:
        contacts: dict[ContactId, Any] = vars(self.driver.calls)["_contacts"]
        for contact in contacts.values():
            assert contact.deadline >= at, f"{contact.id} is stranded in {contact.phase}"
            assert len(contact.keys) <= KEYS_MAX
            assert len(contact.playbacks) <= 10
            assert sum(leg != contact.caller_leg for leg in contact.legs) <= 10
        due = self.driver.next_deadline()
        assert due is not None or not contacts
        self._check_cores_agree(contacts)
        if not self.was_cut:
            self._check_no_agent_in_the_void(contacts, at)
            for leg in self.fake.live_channels():
                ended_at = self._ended_at.get(contact_of(leg))
                assert ended_at is None or at - ended_at < 30_000, f"{leg} is left behind"
        assert self.fake.reused_ids() == ()

    def _check_cores_agree(self, contacts: dict[ContactId, Any]) -> None:
        """Between turns both cores tell the same of a contact, as no message is under way."""
        entries = self.router.ledger.entries
        told = {
            name: (entry.offer, entry.offer is not None, entry.connected)
            for name, entry in entries.items()
        }
        seen = {
            name: (held.offered and held.offered.offer, held.phase is not Phase.WAITING, joined)
            for name, held in contacts.items()
            if (joined := held.phase in (Phase.JOINING, Phase.CONNECTED))
            or held.phase in (Phase.WAITING, Phase.ALERTING)
        }
        assert told == seen

    def _check_no_agent_in_the_void(self, contacts: dict[ContactId, Any], at: Millis) -> None:
        """Invariant 3: an agent's leg that belongs to no offer is released within a second."""
        wanted = {held.offered.leg for held in contacts.values() if held.offered}
        void = [
            leg for leg in self.fake.live_channels() if not leg.endswith(".0") and leg not in wanted
        ]
        self._in_the_void = {leg: self._in_the_void.get(leg, at) for leg in void}
        assert all(at - since <= 1_000 for since in self._in_the_void.values())

    def _arm(self) -> None:
        due = self.driver.next_deadline()
        if self._timer is not None and self._timer.pending and self._timer.due == due:
            return
        if self._timer is not None:
            self._timer.cancel()
        if due is not None:
            self._timer = self.time.at(due, lambda: self.submit(DeadlineReached()))

    def sign_in(self, agent: int, device: int) -> None:
        self.submit(AgentSignedIn(AGENTS[agent], DEVICES[device]))

    def sign_out(self, agent: int) -> None:
        self.submit(AgentSignedOut(AGENTS[agent]))

    def live_legs(self) -> tuple[LegId, ...]:
        return self.fake.live_channels()

    def cut(self) -> None:
        self.was_cut = True
        self.was_told_all = False
        self.fake.disconnect()

    def heal_and_drain(self) -> None:
        """No fault any more, and time for everything to end by itself."""
        self.lose.clear()
        if self.was_cut:
            self.fake.reconnect()
        self.time.run_for(DRAIN_MS)
        if self.was_cut:
            # What was released while the line was away is found by the adapter's resync, which
            # this fake has not: let the far ends tire of it.
            for leg in self.live_legs():
                self.fake.hang_up(leg)
            self.time.run_for(60_000)

    def check_all_ended(self) -> None:
        assert self.driver.calls.live_contacts() == 0
        assert self.records.keys() == self.arrived
        assert self.live_legs() == ()
        assert self.fake.live_playbacks() == ()
        if not self.was_cut:
            assert self.fake.live_bridges() == ()
        assert self.driver.next_deadline() is None
        state: dict[str, Any] = vars(self.driver.calls)
        assert state["_by_leg"] == {}
        assert self.router.ledger.entries == {}
        assert self.router.ledger.offers == {}
        for record in self.records.values():
            times = (
                record.arrived_at,
                record.answered_at,
                record.queued_at,
                record.connected_at,
                record.ended_at,
            )
            known = [time for time in times if time is not None]
            assert known == sorted(known)


def contact_of(leg: LegId) -> ContactId:
    return ContactId(leg.rpartition(".")[0])


def seeded_trace(seed: int) -> str:
    """A busy hour in one hash: same seed, same hash."""
    world, chance = World(seed, twice=False), random.Random(seed)
    for number in range(4):
        world.fake.set_phone(DEVICES[number], chance.choice(PHONES))
        world.sign_in(number, number)
    for _ in range(120):
        presses = tuple((chance.randrange(12_000), chance.choice("0129*")) for _ in range(3))
        hangs_up_at_ms = chance.choice((None, chance.randrange(60_000)))
        world.fake.arrive(CallerScript(presses, hangs_up_at_ms))
        world.time.run_for(chance.randrange(5_000))
        number = chance.randrange(4)
        world.fake.set_phone(DEVICES[number], chance.choice(PHONES))
        world.sign_in(number, chance.randrange(4))
    world.heal_and_drain()
    world.check_all_ended()
    return f"{len(world.records)} {world.trace.hexdigest()}"

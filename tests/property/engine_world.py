"""The real driver on a fake Asterisk and virtual time, with every turn checked.

Each event that has an identity is given twice: the second time nothing may happen (invariant 10).
Digits have none, as two equal digits are two presses.
"""

import hashlib
import random
from collections import Counter
from typing import Any

from call_audit import AuditedCalls
from engine_site import (
    AGENTS,
    BILL,
    DATA,
    DEVICES,
    OUTSIDE,
    PHONES,
    PROMPT_MS,
    SKILLS,
    site_of,
)
from routing_ledger import AuditedRouter
from state_snapshot import state_of

from ivr.call.contact import KEYS_MAX
from ivr.call.effects import (
    AnswerLeg,
    BridgeLegs,
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
    HotlineOpened,
    PlaybackFinished,
    TelephonyEvent,
    TransferOrder,
    TransferRequested,
)
from ivr.call.model import LegId, Shielding
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord
from ivr.call.transfer_state import Stage
from ivr.call.vault import Vault
from ivr.engine.driver import (
    DeadlineReached,
    Driver,
    EngineEvent,
    OnceOnly,
    SiteActivated,
    TurnResult,
)
from ivr.flow.services import LookupOutcome
from ivr.flow.site import Site
from router.events import DeviceReachabilityChanged, PresenceRequested
from router.model import (
    ContactId,
    Millis,
    Origin,
    PresenceChange,
    PresenceRecord,
    QueueId,
    RequestId,
)
from simulator.fake_asterisk import (
    CallerScript,
    FakeAsterisk,
    Faults,
    Latencies,
    Latency,
    NodeSettings,
)
from simulator.fake_services import FakeServices, Said
from simulator.virtual_time import Appointment, VirtualTime

DRAIN_MS = 8 * 3_600_000
"""More than the longest conversation and the longest wait together."""

WALL_MS = 1_700_000_000_000
"""UTC milliseconds at the world's beginning."""


class Answers:
    """Another system that says anything, at any time, once, twice or never."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed + 1)

    def __call__(self, _request: RequestLookup) -> tuple[Said, ...]:
        chance = self._chance
        return tuple(
            Said(
                chance.choice(tuple(LookupOutcome)),
                chance.choice(({"level": "gold"}, {"level": 3}, {}, {"level": "x" * 65})),
                chance.choice((0, 0, 40, 500, 3_000, 5_999, 6_000, 60_000)),
            )
            for _ in range(chance.choice((0, 1, 1, 1, 1, 2)))
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
        self.vault = Vault()
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
        self.sites: dict[str, Site] = {}
        self.driver = Driver(self.sites)
        self.router = AuditedRouter()
        self.calls = AuditedCalls(self.sites, restart_every=3 + seed % 9)
        self.driver.router, self.driver.calls = self.router, self.calls
        self.audit: dict[str, PresenceRecord] = {}
        self._variants: dict[QueueId, int] = {DATA: 0, BILL: 0}
        self._skills = list(SKILLS[: len(AGENTS)])
        self._requests = 0
        self._twice = twice
        self._timer: Appointment | None = None
        self._open_playbacks: Counter[LegId] = Counter()
        self._in_the_void: dict[LegId, Millis] = {}
        self._ended_at: dict[ContactId, Millis] = {}
        self.fake.attach(
            events=self.submit,
            reachability=lambda device, up: self.submit(DeviceReachabilityChanged(device, up)),
        )
        self.services = FakeServices(
            Answers(seed),
            lambda ms, answer: self.time.at(self.time.now() + ms, answer),
            self.submit,
        )
        self.fake.set_outside(OUTSIDE, PHONES[seed % len(PHONES)])
        self.change_site()

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
        event = self.vault.taken(event, at)
        result = self.driver.handle(event, at, wall=WALL_MS + at)
        self.vault.heed((*result.edge, *result.once_only), at)
        self.trace.update(repr((at, event, result)).encode())
        if self._twice and not isinstance(event, DigitReceived):
            self._again(event, at)
        self._carry_out(result, at)
        self._check(at)
        self._arm()

    def _again(self, event: EngineEvent, at: Millis) -> None:
        before = state_of(self.driver)
        result = self.driver.handle(event, at, wall=WALL_MS + at)
        new = (*result.telephony, *result.once_only, *result.messages, *result.edge)
        if not (isinstance(event, CallArrived) and self._is_refused(event)):
            assert new == (), f"{event} twice asked for {new}"
        assert state_of(self.driver) == before, f"{event} twice changed something"

    def _is_refused(self, event: CallArrived) -> bool:
        return (
            self.calls.phase_of(event.contact) is None
            and self.calls.service_phase_of(event.leg) is None
        )

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
        for asked in result.edge:
            if isinstance(asked, RequestLookup):
                self.services.request(asked)
        for once in result.once_only:
            self._keep(once, at)

    def _keep(self, once: OnceOnly, at: Millis) -> None:
        match once:
            case PromiseCallback(order):
                assert order not in self.promises, "promised twice"
                self.promises.add(order)
            case PushMessage(message):
                assert message not in self.promises, "sent twice"
                self.promises.add(message)
            case KeepVoiceMessage(message):
                assert message not in self.promises, "kept twice"
                self.promises.add(message)
            case WriteRecord(record):
                assert record.contact not in self.records, "two records for one contact"
                self.records[record.contact] = record
                self._ended_at[record.contact] = at
            case _:
                assert once.record.key not in self.audit, "one change of presence, two rows"
                self.audit[once.record.key] = once.record

    def _check(self, at: Millis) -> None:
        contacts: dict[ContactId, Any] = vars(self.driver.calls)["_contacts"]
        for contact in contacts.values():
            assert contact.due >= at, f"{contact.id} is stranded in {contact.phase}"
            if contact.phase in (Phase.WAITING, Phase.ALERTING, Phase.CONSULTING):
                assert contact.holding is (contact.announcement is None), "silence on hold"
            if contact.phase is Phase.JOINING and contact.bridge is None and self.was_told_all:
                is_told = any(name.startswith(contact.offered.leg) for name in contact.playbacks)
                assert contact.holding or not is_told, "silence while her agent is told something"
            if contact.phase is Phase.SPEAKING:
                assert contact.playbacks or contact.speech_failed, "silence in the flow"
            if contact.phase is Phase.LOOKING_UP:
                heard = contact.holding or contact.playbacks or contact.speech_failed
                assert heard, "silence while a system is asked"
            if contact.phase is Phase.RECORDING:
                assert contact.recording is not None, "nothing is recorded, and nothing said"
            assert len(contact.keys) <= KEYS_MAX
            assert len(contact.playbacks) <= 10
            assert sum(leg != contact.caller_leg for leg in contact.legs) <= 10
        self._check_shields(contacts)
        due = self.driver.next_deadline()
        assert due is not None or not (contacts or self.calls.live_service_calls())
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
            held.place: (held.offered and held.offered.offer, held.offered is not None, joined)
            for held in contacts.values()
            if (joined := held.phase in (Phase.JOINING, Phase.CONNECTED, Phase.CONSULTING))
            or held.phase in (Phase.WAITING, Phase.ALERTING)
            or held.beside is not None
        }
        for held in contacts.values():
            if (asked := held.consultation) is not None:
                assert held.phase is Phase.CONSULTING
                joined = asked.stage in (Stage.JOINING, Stage.TALKING)
                rung = asked.offered
                seen[asked.name] = (rung and rung.offer, rung is not None, joined)
        assert told == seen

    def _check_shields(self, contacts: dict[ContactId, Any]) -> None:
        """The vault hides exactly the keys that the core wants hidden; of those that fade some."""
        for contact in contacts.values():
            answered = contact.phase not in (Phase.ANSWERING, Phase.LEAVING)
            hides = self.vault.shields(contact.caller_leg, self.time.now())
            if answered and contact.shielding is not Shielding.FADES:
                assert hides is (contact.shielding is not Shielding.OPEN)
            assert bool(contact.secret) is (contact.shielding is Shielding.TAKES)
        for shielded in (Shielding.TAKES, Shielding.DROPS):
            assert self.calls.ignored[f"{shielded.value}/DigitReceived"] == 0

    def _check_no_agent_in_the_void(self, contacts: dict[ContactId, Any], at: Millis) -> None:
        """Invariant 3: an agent's leg that belongs to no offer is released within a second."""
        wanted = {held.offered.leg for held in contacts.values() if held.offered}
        wanted |= {held.outside.leg for held in contacts.values() if held.outside}
        asked = [held.consultation.offered for held in contacts.values() if held.consultation]
        wanted |= {rung.leg for rung in asked if rung is not None}
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

    def change_site(
        self, *, queue: tuple[QueueId, int] | None = None, learns: tuple[int, int] | None = None
    ) -> None:
        """Another version of the site: a queue in this variant, an agent of these skills."""
        if queue is not None:
            self._variants[queue[0]] = queue[1]
        if learns is not None:
            self._skills[learns[0]] = SKILLS[learns[1]]
        site = site_of(self._variants, self._skills)
        self.sites[site.version] = site
        self.submit(SiteActivated(site.version))

    def ask(self, change: PresenceChange, agent: int, device: int | None = None) -> None:
        """As from the command line."""
        self._requests += 1
        request = RequestId(f"r{self._requests}")
        seat = None if device is None else DEVICES[device]
        reason = "lunch" if change is PresenceChange.PAUSE else None
        who = AGENTS[agent]
        self.submit(PresenceRequested(request, change, who, seat, reason, Origin.COMMAND))

    def transfer(self, agent: int, order: TransferOrder, queue: QueueId | None = None) -> None:
        """As from the command line."""
        self._requests += 1
        request = RequestId(f"r{self._requests}")
        self.submit(TransferRequested(request, AGENTS[agent], order, queue))

    def talkers(self) -> list[int]:
        """The agents who talk to a caller, or have her on hold."""
        contacts: dict[ContactId, Any] = vars(self.driver.calls)["_contacts"]
        with_agents = (Phase.CONNECTED, Phase.CONSULTING)
        talks = (held.offered for held in contacts.values() if held.phase in with_agents)
        return [AGENTS.index(each.agent) for each in talks]

    def key_in_talk(self, device: int, keys: str) -> None:
        """Whoever sits at this device and talks presses these, one after another."""
        for key in keys:
            self.fake.press_device(DEVICES[device], key)

    def close_or_open(self, hotline: str, *, closes: bool) -> None:
        """As from the command line."""
        self._requests += 1
        request = RequestId(f"r{self._requests}")
        closing = HotlineClosed(request, hotline, "storm", "op")
        self.submit(closing if closes else HotlineOpened(request, hotline, "op"))

    def dial(self, device: int, dialled: str, script: CallerScript | None = None) -> None:
        """Somebody dials on one of our devices."""
        self.fake.arrive(script, dialled=dialled, device=DEVICES[device])

    def sign_in(self, agent: int, device: int) -> None:
        self.ask(PresenceChange.SIGN_IN, agent, device)

    def sign_out(self, agent: int) -> None:
        self.ask(PresenceChange.SIGN_OUT, agent)

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
        assert self.calls.live_service_calls() == 0
        assert self.calls.occupied == set()
        assert all(view.own_calls == 0 for view in self.router.agents())
        assert self.records.keys() == self.arrived
        assert self.live_legs() == ()
        assert self.fake.live_playbacks() == ()
        assert self.fake.live_recordings() == ()
        if not self.was_cut:
            assert self.fake.live_bridges() == ()
        assert len(self.vault) == 0
        assert self.driver.next_deadline() is None
        state: dict[str, Any] = vars(self.driver.calls)
        assert state["_by_leg"] == {}
        assert self.router.ledger.entries == {}
        assert self.router.ledger.offers == {}


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
        world.dial(chance.randrange(4), chance.choice(("*12", "*131", "*14", "*11a1")))
    world.heal_and_drain()
    world.check_all_ended()
    return f"{len(world.records)} {world.trace.hexdigest()}"

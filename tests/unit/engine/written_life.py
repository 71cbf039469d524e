"""A journal as an engine writes it, on virtual time: deadlines come when they are due.

The site is of files, so that whoever reads the journal can load it again as the store keeps it.
"""

from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.core_version import core_version
from ivr.adapters.site_files import known_timezones
from ivr.adapters.store.sites import StoredSite
from ivr.adapters.store.store import Store, StoreSettings
from ivr.call.effects import AnswerLeg, BridgeLegs, DialDevice, ReleaseLeg, WriteRecord
from ivr.call.events import (
    CallArrived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    TransferOrder,
    TransferRequested,
)
from ivr.call.model import LegId, PartyRef
from ivr.call.record import ContactRecord
from ivr.engine.codec import as_written, encode_state
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, SiteActivated
from ivr.engine.recover import Kept
from ivr.engine.rows import JournalEntry, JournalRow, Snapshot
from ivr.engine.turn import take
from ivr.flow.load import load_site
from ivr.flow.site import Site
from router.events import DeviceReachabilityChanged, PresenceRequested
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Origin,
    PresenceChange,
    QueueId,
    RequestId,
    qualified,
)

STREAM = "node:n1"
NOON_WALL = 1_790_000_000_000
"""The wall time of engine time 0."""

SITE_YAML = """
tenant: main
skills: [data, group]
devices: {d1: {}, d2: {}, d3: {}, d4: {}}
agents:
  "1001": {name: Group business expert 1, skills: {group: 3, data: 1}, device: d1}
  "1002": {name: General expert 1, skills: {data: 2}, device: d2}
  "1003": {name: Data expert 1, skills: {data: 3}, device: d3}
  "1004": {name: Data expert 2, skills: {data: 4}, device: d4}
pause_reasons: {"1": lunch}
"""

HOTLINE_YAML = """
hotline: "10086"
numbers: ["10086"]
languages: [en-US]
timezone: UTC
flow: main
flows:
  main:
    start: data
    nodes:
      data:
        queue: {name: data}
        on: {no_agents: bye, full: bye, timed_out: bye}
      bye: {hangup: {reason: nobody}}
"""

QUEUES_YAML = """
queues:
  data:
    agents: {level: lowest}
    steps:
      - {require: "data >= 3", for: 20s}
      - {require: "data"}
    ring: 10s
    misses: 2
    limits: {waiting: 12, wait: 60s}
    hold: {music: hold}
    wrap_up: 5s
"""

TEXTS = {
    "site.yaml": SITE_YAML,
    "10086/hotline.yaml": HOTLINE_YAML,
    "10086/queues.yaml": QUEUES_YAML,
}


def small_site() -> Site:
    loaded = load_site(TEXTS, prompts={"en-US": frozenset()}, timezones=known_timezones())
    assert loaded.site is not None, loaded.problems
    return loaded.site


@dataclass
class WrittenLife:
    """One engine and its journal; phones answer when the test lets them."""

    core: str = field(default_factory=core_version)
    at: int = 0
    site: Site = field(default_factory=small_site)
    rows: list[JournalRow] = field(default_factory=list[JournalRow])
    snapshots: list[Snapshot] = field(default_factory=list[Snapshot])
    records: list[tuple[ContactRecord, int]] = field(
        default_factory=list[tuple[ContactRecord, int]]
    )
    """Of the contacts that have ended, with their wall time."""
    ringing: dict[str, LegId] = field(default_factory=dict[str, LegId])
    """By device."""
    _driver: Driver | None = None
    _requests: int = 0

    @property
    def driver(self) -> Driver:
        if self._driver is None:
            self._driver = Driver({self.site.version: self.site})
        return self._driver

    def begin(self, *agents: str) -> "WrittenLife":
        """The site holds, all phones are there, these agents have signed in."""
        self.give(SiteActivated(self.site.version))
        for name in self.site.agents.values():
            self.give(DeviceReachabilityChanged(DeviceId(qualified(name.device or "")), True))
        for agent in agents:
            self.say(agent, PresenceChange.SIGN_IN)
        return self

    def say(self, agent: str, change: PresenceChange, reason: str | None = None) -> None:
        self._requests += 1
        request = RequestId(f"r{self._requests}")
        who = AgentId(qualified(agent))
        self.give(PresenceRequested(request, change, who, None, reason, Origin.COMMAND))

    def order(self, agent: str, order: TransferOrder, *, to: str | None = None) -> None:
        """The agent asks for a consultation, or for its end."""
        self._requests += 1
        queue = None if to is None else QueueId(qualified(to))
        request = RequestId(f"t{self._requests}")
        self.give(TransferRequested(request, AgentId(qualified(agent)), order, queue))

    def call(self, contact: str) -> None:
        """A caller arrives; her call is answered at once."""
        leg = LegId(f"{contact}.0")
        self.give(CallArrived(ContactId(contact), leg, "10086", PartyRef("p")))

    def answer(self, agent: str) -> None:
        """This agent takes the call that rings at her phone."""
        device = self.site.agents[agent].device or ""
        self.give(LegAnswered(self.ringing.pop(qualified(device))))

    def hang_up(self, contact: str) -> None:
        self.give(LegEnded(LegId(f"{contact}.0"), 16))

    def until(self, at: int) -> "WrittenLife":
        """Let it be so late; whatever is due till then happens."""
        while (due := self.driver.next_deadline()) is not None and due <= at:
            self.at = max(self.at, due)
            self.give(DeadlineReached())
        self.at = at
        return self

    def give(self, event: EngineEvent) -> None:
        event, kind, body = as_written(event)
        wall = NOON_WALL + self.at
        taken = take(self.driver, event, self.at, wall=wall)
        assert taken.result is not None, taken.bug
        entry = JournalEntry(STREAM, self.at, wall, self.core, kind, body, taken.digest)
        self.rows.append(JournalRow(len(self.rows) + 1, 1, "n1", entry))
        for effect in taken.result.once_only:
            if isinstance(effect, WriteRecord):
                self.records.append((effect.record, wall))
        for effect in taken.result.telephony:
            self._happen(effect)

    def keep_state(self) -> None:
        """A snapshot, as the engine takes one now and then."""
        body = encode_state(self.driver.snapshot(), at_rest=False)
        taken = (len(self.rows), self.at, NOON_WALL + self.at, self.core, body)
        self.snapshots.append(Snapshot(STREAM, *taken))

    def kept(self, *, first: int = 1) -> Kept:
        """What a reader finds; rows before the ``first`` are gone."""
        rows = self.rows[first - 1 :]
        return Kept(self.snapshots, lambda seq: [row for row in rows if row.seq > seq])

    def store_in(self, folder: Path) -> None:
        """Write it all down as the engine's store has it."""
        store = Store(StoreSettings(folder, "n1"))
        stored = StoredSite(TEXTS, {"en-US": ()})
        store.sites.keep(self.site.version, stored, wall=NOON_WALL)
        entries = [row.entry for row in self.rows]
        assert store.journal.append(entries, (), lambda: None)
        for record, wall in self.records:
            store.records.write(record, wall=wall)
        for snapshot in self.snapshots:
            store.journal.save_snapshot(snapshot)
        store.journal.flush()
        store.close()

    def _happen(self, effect: object) -> None:
        match effect:
            case AnswerLeg(leg):
                self.give(LegAnswered(leg))
            case DialDevice(leg, device):
                self.ringing[device] = leg
            case BridgeLegs(bridge, legs):
                self.give(LegsBridged(bridge, legs[0]))
            case ReleaseLeg(leg):
                self.ringing = {at: rung for at, rung in self.ringing.items() if rung != leg}
                self.give(LegEnded(leg, 16))
            case _:
                pass

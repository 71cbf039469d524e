"""Small stores and records for the tests of the store."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ivr.adapters.store.store import Store, StoreSettings
from ivr.adapters.store.writer import WriterLimits
from ivr.call.model import Outcome, PartyRef
from ivr.call.record import ContactRecord
from ivr.orders.events import CallbackPromised
from ivr.orders.model import CustomerRef, OrderId
from ivr.ports import Intent, JournalEntry
from router.model import AgentId, ContactId, QueueId

WALL = 1_760_000_000_000


def store_in(folder: Path, *, file_bytes_max: int = 2**30, **limits: int) -> Store:
    settings = StoreSettings(
        folder, "main", file_bytes_max=file_bytes_max, limits=WriterLimits(**limits)
    )
    return Store(settings, wall=lambda: WALL)


def entry(number: int, *, size: int = 40, stream: str = "node:main") -> JournalEntry:
    return JournalEntry(stream, number, WALL + number, "core", "Kind", bytes(size))


def intent(key: str) -> Intent:
    return Intent(key, "node:main", "WriteRecord", b"{}", None)


def record(name: str, *, caller: str = "party-1", agent: str | None = "main:lin") -> ContactRecord:
    fields = ContactRecord.__dataclass_fields__
    values: dict[str, Any] = dict.fromkeys(fields)
    values |= {
        "contact": ContactId(name),
        "hotline": "10086",
        "dialled": "10086",
        "caller": PartyRef(caller),
        "outcome": Outcome.SERVED if agent else Outcome.ABANDONED,
        "reason": "agent_released",
        "queue": QueueId("main:10086/data"),
        "agent": AgentId(agent) if agent else None,
        "nodes": ("greet", "menu"),
        "offers_made": 1,
        "offers": (),
        "visits": (),
        "segments": (),
        "legs": (),
        "intervals": (),
        "left_out": 0,
        "messages": (),
        "answers": (),
        "voice_messages": (),
        "transfers": (),
        "context": "",
        "site": "v1",
        "flow": "main",
        "arrived_at": 5_000,
        "ended_at": 65_000,
    }
    # A field that the record grows later stays None here.
    return ContactRecord(**values)


def promise(number: int, *, customer: str = "party-1", topic: str = "data") -> CallbackPromised:
    return CallbackPromised(
        order=OrderId(f"o{number}"),
        contact=ContactId(f"c{number}"),
        customer=CustomerRef(customer),
        topic=topic,
        reason="nobody was free",
        skill=None,
        deadline=WALL + 3_600_000,
        tries_max=3,
    )


def later(event: CallbackPromised, ms: int) -> CallbackPromised:
    return replace(event, deadline=event.deadline + ms)

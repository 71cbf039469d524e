"""Agents who may have chats, and a queue of chats, for tests of a router with literal times."""

from dataclasses import replace

from router_pool import WRAP_MS, Pool, needs, queue

from router.agent_state import EngagementPhase
from router.events import (
    AgentChanged,
    PresenceRequested,
    QueueChanged,
)
from router.model import (
    Agent,
    AgentId,
    Channel,
    OfferId,
    Origin,
    PresenceChange,
    Queue,
    QueueId,
    RequestId,
    Skill,
)
from router.views import AgentView

TEXT = QueueId("main:text")
NONE = EngagementPhase.NONE


def chat_queue(wrap_up_ms: int = WRAP_MS) -> Queue:
    return replace(queue(TEXT, needs({"data": 1})), channel=Channel.CHAT, wrap_up_ms=wrap_up_ms)


def of(name: str, chats: int, **skills: int) -> Agent:
    named = {Skill(skill): level for skill, level in (skills or {"data": 1}).items()}
    return Agent(AgentId(name), named, None, chats)


def chatting(**chats: int) -> Pool:
    """Agents by how many chats each may have; all are idle, the first one longest."""
    pool = Pool()
    pool.give(QueueChanged(chat_queue()))
    for name, chats_max in chats.items():
        pool.give(AgentChanged(of(name, chats_max)))
        pool.reach(f"{name}-desk")
        pool.sign_in(name)
    return pool


def begin(pool: Pool, *names: str, at: int = 1_000) -> list[OfferId]:
    """These come as chats and are answered at once; their offers."""
    offers: list[OfferId] = []
    for name in names:
        pool.enter(name, TEXT, at=at)
        offers.append(pool.offer())
        pool.accept(offers[-1], at=at)
    return offers


def seen(pool: Pool, name: str = "ann") -> AgentView:
    return next(view for view in pool.router.agents() if view.agent == name)


def pauses_later(pool: Pool, *, at: int) -> None:
    pause, request = PresenceChange.PAUSE, RequestId("r")
    asked = PresenceRequested(
        request, pause, AgentId("ann"), None, "lunch", Origin.PHONE, after_contact=True
    )
    pool.give(asked, at=at)

"""The desk over a runtime: each answer finds its asker, and nothing piles up."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field

import pytest
from fake_desk import no_change, site

from ivr.adapters.control import engine_desk
from ivr.adapters.control.desk import DeskBusy
from ivr.adapters.control.engine_desk import Asked, EngineDesk
from router.effects import AnswerPresence
from router.events import PresenceRequested
from router.model import (
    AgentId,
    Origin,
    Presence,
    PresenceAnswer,
    PresenceChange,
    RequestId,
)

pytestmark = pytest.mark.unit


class TwoClocks:
    def now(self) -> int:
        return 10_000

    def wall(self) -> int:
        return 1_700_000_000_000


@dataclass
class Engine:
    """A runtime that only remembers what was submitted."""

    submitted: list[Asked] = field(default_factory=list[Asked])

    def desk(self) -> EngineDesk:
        return EngineDesk(
            site=site,
            agents=list,
            queues=list,
            submit=self.submitted.append,
            reload=no_change,
            clock=TwoClocks(),
        )


def asked(name: str) -> PresenceRequested:
    agent = AgentId("main:1001")
    change = PresenceChange.SIGN_IN
    return PresenceRequested(RequestId(name), change, agent, None, None, Origin.COMMAND)


def answer(name: str) -> AnswerPresence:
    agent = AgentId("main:1001")
    return AnswerPresence(RequestId(name), PresenceAnswer.DONE, agent, Presence.AVAILABLE)


async def begun(work: Awaitable[AnswerPresence]) -> asyncio.Future[AnswerPresence]:
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0)
    return task


async def test_answers_in_another_order_find_their_askers() -> None:
    engine = Engine()
    desk = engine.desk()
    first, second = await begun(desk.request(asked("a"))), await begun(desk.request(asked("b")))
    assert [each.request for each in engine.submitted] == ["a", "b"]
    desk.take_answer(answer("b"))
    desk.take_answer(answer("a"))
    desk.take_answer(answer("a"))
    assert (await first).request == "a"
    assert (await second).request == "b"


async def test_answer_that_comes_within_submit_is_taken() -> None:
    desks: list[EngineDesk] = []
    desk = EngineDesk(
        site=site,
        agents=list,
        queues=list,
        submit=lambda event: desks[0].take_answer(answer(event.request)),
        reload=no_change,
        clock=TwoClocks(),
    )
    desks.append(desk)
    assert (await desk.request(asked("a"))).answer is PresenceAnswer.DONE


async def test_answer_that_nobody_waits_for_is_dropped() -> None:
    desk = Engine().desk()
    gone = await begun(desk.request(asked("a")))
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    desk.take_answer(answer("a"))
    desk.take_answer(answer("never asked"))


async def test_one_request_too_many_is_not_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_desk, "ASKED_MAX", 1)
    engine = Engine()
    desk = engine.desk()
    waiting = await begun(desk.request(asked("a")))
    with pytest.raises(DeskBusy):
        await desk.request(asked("b"))
    assert len(engine.submitted) == 1
    desk.take_answer(answer("a"))
    await waiting
    third = await begun(desk.request(asked("c")))
    desk.take_answer(answer("c"))
    assert (await third).request == "c"


async def test_engine_time_becomes_wall_time_by_its_age() -> None:
    assert Engine().desk().wall_of(4_000) == 1_700_000_000_000 - 6_000

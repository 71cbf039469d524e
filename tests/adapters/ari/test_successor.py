"""A new engine beside what a killed one left: callers who are up already, and its prompts."""

from typing import Any

import fake_ari
import pytest
from engine_harness import engine_on, play
from fake_ari import FakeAri, stasis_start

from ivr.adapters.ari import telephony
from ivr.call.effects import AnswerLeg
from ivr.call.events import CallArrived, CommandFailed, LegAnswered
from ivr.call.model import LegId, PlaybackId

pytestmark = pytest.mark.contract

LEG = LegId("k1.0")
STALE = (PlaybackId("k0.0.p1"), PlaybackId("k9.0.p4"))
ENDINGS = [f"playbacks/{name}" for name in STALE]


def caller(name: str, *, state: str) -> dict[str, Any]:
    data = f"{fake_ari.APP},inbound,10086"
    place = {"app_name": "Stasis", "app_data": data}
    return {**fake_ari.channel(name, state=state), "dialplan": place}


async def test_caller_who_is_up_is_answered_at_once_and_asterisk_is_not_asked() -> None:
    async with FakeAri() as server:
        server.when("GET", "channels", (200, [caller("c1", state="Up")]))
        server.when("POST", "channels/c1/answer", (500, None))
        async with engine_on(server) as engine:
            await server.until(lambda: len(engine.arrivals()) == 1)
            assert LegAnswered(LEG) not in engine.told
            engine.perform(AnswerLeg(LEG), AnswerLeg(LEG))
            assert [type(event) for event in engine.told] == [CallArrived, LegAnswered]
            await engine.settled()
            assert "channels/c1/answer" not in server.paths("POST")


async def test_caller_who_still_rings_is_answered_by_asterisk() -> None:
    async with FakeAri() as server:
        server.when("GET", "channels", (200, [caller("c1", state="Ring")]))
        async with engine_on(server) as engine:
            await server.until(lambda: len(engine.arrivals()) == 1)
            engine.perform(AnswerLeg(LEG))
            await engine.hears(LegAnswered(LEG))
            assert "channels/c1/answer" in server.paths("POST")


async def test_caller_whom_the_dialplan_answered_is_answered_at_once() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        arriving = stasis_start("c1", "inbound", "10086")
        await server.say({**arriving, "channel": fake_ari.channel("c1", state="Up")})
        await server.until(lambda: len(engine.arrivals()) == 1)
        engine.perform(AnswerLeg(LEG))
        assert engine.told[-1] == LegAnswered(LEG)


async def test_prompts_of_the_engine_before_are_ended_before_anything_plays() -> None:
    async with FakeAri() as server:
        server.when("GET", "channels", (200, [caller("c1", state="Up")]))
        server.when("DELETE", STALE[0], (404, None))
        async with engine_on(server, stale_playbacks=STALE) as engine:
            await server.until(lambda: len(engine.arrivals()) == 1)
            engine.perform(play(LEG, "p1"))
            await server.until(lambda: "channels/c1/play/p1" in server.paths("POST"))
            over_line = [path for _, path, _, via in server.asked if via == "ws"]
            wanted = [*ENDINGS, "channels/c1/play/p1"]
            assert [path for path in over_line if path in wanted] == wanted
            assert engine.noted("stale_playbacks_ended") == [{"playbacks": "2"}]
            assert not any(isinstance(event, CommandFailed) for event in engine.told)


async def test_prompts_of_the_engine_before_are_ended_once() -> None:
    async with FakeAri() as server, engine_on(server, stale_playbacks=STALE) as engine:
        await server.until(lambda: server.paths("DELETE") == ENDINGS)
        compared = server.paths("GET").count("bridges")
        await server.lines[-1].close()
        await server.until(lambda: server.paths("GET").count("bridges") > compared)
        await engine.settled()
        ended = [path for path in server.paths("DELETE") if path.startswith("playbacks/")]
        assert ended == ENDINGS


async def test_prompts_of_the_engine_before_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telephony, "STALE_PLAYBACKS_MAX", 1)
    async with FakeAri() as server, engine_on(server, stale_playbacks=STALE) as engine:
        await engine.settled()
        ended = [path for path in server.paths("DELETE") if path.startswith("playbacks/")]
        assert ended == ENDINGS[:1]

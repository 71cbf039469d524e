"""What is asked of a leg right behind the end of its bridge."""

import pytest
from engine_harness import Engine, ended, engine_on, play
from fake_ari import FakeAri, about_bridge, about_channel

from ivr.adapters.ari import bridge_exit
from ivr.call.effects import (
    BridgeLegs,
    DestroyBridge,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
)
from ivr.call.events import LegEnded, LegsBridged
from ivr.call.model import BridgeId, LegId, PlaybackId, PlaybackOutcome

pytestmark = pytest.mark.contract


async def pair(engine: Engine) -> tuple[LegId, LegId, BridgeId]:
    """Two callers who talk."""
    one, other = await engine.caller("c1"), await engine.caller("c2")
    bridge = await engine.bridged(one, other, "c1", "c2")
    await engine.hears(LegsBridged(bridge, one))
    return one, other, bridge


def on_c1(server: FakeAri) -> list[str]:
    """What was asked of the first channel over the line, in order."""
    return [
        f"{method} {path.removeprefix('channels/c1/')}"
        for method, path, _, via in server.asked
        if path.startswith("channels/c1/") and via == "ws"
    ]


async def test_play_behind_a_destroyed_bridge_waits_until_the_leg_is_out() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other, bridge = await pair(engine)
        engine.perform(DestroyBridge(bridge, one), play(one, "p1"), StartHoldMusic(one))
        engine.perform(StopHoldMusic(one), play(one, "p2"), play(other, "q1"))
        await server.say(about_bridge("ChannelLeftBridge", bridge, "c2"))
        await server.until(lambda: "channels/c2/play/q1" in server.paths("POST"))
        await engine.settled()
        assert on_c1(server) == []
        await server.say(about_bridge("ChannelLeftBridge", bridge, "c1"))
        await server.until(lambda: len(on_c1(server)) == 4)
        assert on_c1(server) == ["POST play/p1", "POST moh", "DELETE moh", "POST play/p2"]


async def test_leaving_another_bridge_does_not_count() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, _, bridge = await pair(engine)
        engine.perform(DestroyBridge(bridge, one), play(one, "p1"))
        await server.say(about_bridge("ChannelLeftBridge", "elsewhere", "c1"))
        await engine.settled()
        assert on_c1(server) == []


async def test_leg_that_had_left_before_is_played_to_at_once() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, _, bridge = await pair(engine)
        await server.say(about_bridge("ChannelLeftBridge", bridge, "c1"))
        await engine.settled()
        engine.perform(DestroyBridge(bridge, one), play(one, "p1"))
        await server.until(lambda: on_c1(server) == ["POST play/p1"])


async def test_held_back_playback_that_is_stopped_is_never_sent() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, _, bridge = await pair(engine)
        engine.perform(DestroyBridge(bridge, one), play(one, "p1"), play(one, "p2"))
        engine.perform(StopPlayback(one, PlaybackId("p1")))
        assert engine.told[-1] == ended(one, "p1", PlaybackOutcome.STOPPED)
        await server.say(about_bridge("ChannelLeftBridge", bridge, "c1"))
        await server.until(lambda: on_c1(server) == ["POST play/p2"])
        assert "playbacks/p1" not in server.paths("DELETE")


async def test_leg_that_ends_while_leaving_fails_its_playbacks_first() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, _, bridge = await pair(engine)
        engine.perform(DestroyBridge(bridge, one), play(one, "p1"), play(one, "p2"))
        await server.say(about_channel("StasisEnd", "c1"))
        await engine.hears(LegEnded(one, None))
        await server.say(about_bridge("ChannelLeftBridge", bridge, "c1"))
        await engine.settled()
        assert [event for event in engine.told if event.leg == one][-3:] == [
            ended(one, "p1", PlaybackOutcome.FAILED),
            ended(one, "p2", PlaybackOutcome.FAILED),
            LegEnded(one, None),
        ]
        assert on_c1(server) == []


async def test_leg_that_is_never_seen_to_leave_is_played_to_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bridge_exit, "LEAVE_S_MAX", 0.05)
    async with FakeAri() as server, engine_on(server) as engine:
        one, _, bridge = await pair(engine)
        engine.perform(DestroyBridge(bridge, one), play(one, "p1"))
        assert on_c1(server) == []
        await server.until(lambda: on_c1(server) == ["POST play/p1"])
        assert {"leg": one, "bridge": bridge} in engine.noted("bridge_not_left")


async def test_bridge_that_was_gone_already_holds_nothing_back() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, _, bridge = await pair(engine)
        server.when("DELETE", f"bridges/{bridge}", (404, None))
        engine.perform(DestroyBridge(bridge, one), play(one, "p1"))
        await server.until(lambda: on_c1(server) == ["POST play/p1"])
        assert engine.noted("bridge_not_left") == []


async def test_what_is_held_back_is_bounded() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, _, bridge = await pair(engine)
        engine.perform(DestroyBridge(bridge, one))
        engine.perform(*(play(one, f"p{n}") for n in range(bridge_exit.HELD_BACK_MAX + 1)))
        await server.until(lambda: len(on_c1(server)) == bridge_exit.HELD_BACK_MAX + 1)
        assert on_c1(server) == [f"POST play/p{n}" for n in range(bridge_exit.HELD_BACK_MAX + 1)]


async def test_next_bridge_waits_until_the_leg_is_out_of_the_last() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other, bridge = await pair(engine)
        engine.perform(DestroyBridge(bridge, one), BridgeLegs(BridgeId("next"), (one, other)))
        await engine.settled()
        assert "bridges/next" not in server.paths("POST")
        for name in ("c1", "c2"):
            await server.say(about_bridge("ChannelLeftBridge", bridge, name))
        await server.until(lambda: "bridges/next/addChannel" in server.paths("POST"))

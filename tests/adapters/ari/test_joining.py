"""Commands that join a channel: one at a time per leg, and undone when the wish has passed."""

import pytest
from engine_harness import Engine, engine_on, play
from fake_ari import FakeAri, about_bridge, about_channel

from ivr.adapters.ari import joining
from ivr.call.effects import (
    AnswerLeg,
    BridgeLegs,
    DestroyBridge,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
)
from ivr.call.events import CommandFailed, LegAnswered, LegEnded, LegsBridged
from ivr.call.model import BridgeId, CommandFailure, LegId, ReleaseReason

pytestmark = pytest.mark.contract

BRIDGE = BridgeId("b1")


async def two(engine: Engine) -> tuple[LegId, LegId]:
    return await engine.caller("c1"), await engine.caller("c2")


async def test_one_joining_command_at_a_time_per_leg() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await two(engine)
        answering = server.holding("POST", "channels/c2/answer")
        engine.perform(AnswerLeg(other), BridgeLegs(BRIDGE, (one, other)), AnswerLeg(one))
        await server.until(lambda: server.paths("POST").count("channels/c2/answer") == 2)
        await engine.settled()
        assert "bridges/b1/addChannel" not in server.paths("POST")
        answering.set()
        await server.until(lambda: "bridges/b1/addChannel" in server.paths("POST"))


async def test_two_bridges_asked_for_crosswise_do_not_wait_for_each_other() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await two(engine)
        engine.perform(BridgeLegs(BRIDGE, (one, other)), BridgeLegs(BridgeId("b2"), (other, one)))
        wanted = {"bridges/b1/addChannel", "bridges/b2/addChannel"}
        await server.until(lambda: wanted <= set(server.paths("POST")))


async def test_bridge_destroyed_while_it_is_made_is_destroyed_when_it_is_there() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await two(engine)
        adding = server.holding("POST", "bridges/b1/addChannel")
        engine.perform(BridgeLegs(BRIDGE, (one, other)))
        await server.until(lambda: "bridges/b1/addChannel" in server.paths("POST"))
        engine.perform(DestroyBridge(BRIDGE, one))
        await server.until(lambda: server.paths("DELETE") == ["bridges/b1"])
        adding.set()
        await server.until(lambda: server.paths("DELETE") == ["bridges/b1"] * 2)
        assert not any(isinstance(event, CommandFailed) for event in engine.told)


async def test_music_that_still_plays_is_stopped_before_its_leg_enters_a_bridge() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await two(engine)
        engine.perform(StartHoldMusic(one), StartHoldMusic(other), StopHoldMusic(other))
        await server.until(lambda: server.paths("DELETE") == ["channels/c2/moh"])
        stopping = server.holding("DELETE", "channels/c1/moh")
        engine.perform(BridgeLegs(BRIDGE, (one, other)))
        await server.until(lambda: "channels/c1/moh" in server.paths("DELETE"))
        assert "bridges/b1/addChannel" not in server.paths("POST")
        stopping.set()
        await server.until(lambda: "bridges/b1/addChannel" in server.paths("POST"))
        assert server.paths("DELETE") == ["channels/c2/moh", "channels/c1/moh"]


async def test_bridge_that_cannot_be_filled_is_destroyed_and_told_once() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await two(engine)
        server.when("POST", "addChannel", (422, None))
        engine.perform(BridgeLegs(BRIDGE, (one, other)))
        failed = CommandFailed(one, "BridgeLegs", CommandFailure.REFUSED)
        await engine.hears(failed)
        await server.until(lambda: server.paths("DELETE") == ["bridges/b1"])
        engine.perform(play(one, "p1"))
        await server.until(lambda: "channels/c1/play/p1" in server.paths("POST"))
        assert engine.told.count(failed) == 1


async def test_ids_in_use_are_refused_and_what_has_them_stays() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await two(engine)
        engine.perform(play(one, "p1"), play(one, "p1"))
        engine.perform(BridgeLegs(BRIDGE, (one, other)), BridgeLegs(BRIDGE, (other, one)))
        assert engine.told[-2:] == [
            CommandFailed(one, "PlayPrompts", CommandFailure.REFUSED),
            CommandFailed(other, "BridgeLegs", CommandFailure.REFUSED),
        ]
        await server.until(lambda: "bridges/b1/addChannel" in server.paths("POST"))
        assert server.paths("POST").count("channels/c1/play/p1") == 1
        assert "bridges/b1" not in server.paths("DELETE")


async def test_joining_commands_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "JOINS_WAITING_MAX", 2)
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.caller("c1")
        await engine.settled()
        gate = server.holding("POST", "/answer")
        engine.perform(AnswerLeg(leg), AnswerLeg(leg), AnswerLeg(leg))
        assert engine.told[-1] == CommandFailed(leg, "AnswerLeg", CommandFailure.OVERLOADED)
        gate.set()


@pytest.mark.parametrize(("state", "fails"), [("Up", False), ("Ring", True)])
async def test_answer_that_is_late_is_judged_by_what_is_true(state: str, fails: bool) -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.arriving("c1")
        await engine.settled()
        server.when("GET", "channels/c1", (200, {"id": "c1", "state": state}))
        server.cut_http = True
        engine.perform(AnswerLeg(leg))
        await server.until(lambda: "channels/c1" in server.paths("GET"))
        await engine.settled()
        failed = CommandFailed(leg, "AnswerLeg", CommandFailure.TIMED_OUT)
        assert (failed in engine.told) is fails


async def test_answer_of_a_leg_that_is_up_already_is_told_once() -> None:
    """Asterisk answers 204, and no state change follows, when it was lost with the line."""
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.arriving("c1")
        engine.perform(AnswerLeg(leg), AnswerLeg(leg))
        await engine.hears(LegAnswered(leg))
        await engine.settled()
        assert engine.told.count(LegAnswered(leg)) == 1


async def test_pair_that_is_together_is_not_parted_by_a_lost_answer() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await two(engine)
        server.when("POST", "addChannel", (500, None))
        adding = server.holding("POST", "bridges/b1/addChannel")
        engine.perform(BridgeLegs(BRIDGE, (one, other)))
        await server.until(lambda: "bridges/b1/addChannel" in server.paths("POST"))
        for name in ("c1", "c2"):
            await server.say(about_bridge("ChannelEnteredBridge", BRIDGE, name))
        await engine.hears(LegsBridged(BRIDGE, one))
        adding.set()
        await server.until(lambda: server.http_now == 0)
        engine.perform(play(one, "p1"))
        await server.until(lambda: "channels/c1/play/p1" in server.paths("POST"))
        await engine.settled()
        assert not any(isinstance(event, CommandFailed) for event in engine.told)
        assert "bridges/b1" not in server.paths("DELETE")


@pytest.mark.parametrize("inside", [["c1", "c2"], ["c1"]])
async def test_lost_answer_of_a_bridging_is_judged_by_what_is_true(inside: list[str]) -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await two(engine)
        await engine.settled()
        server.when("GET", "bridges/b1", (200, {"id": "b1", "channels": inside}))
        server.cut_http = True
        engine.perform(BridgeLegs(BRIDGE, (one, other)))
        await server.until(lambda: "bridges/b1" in server.paths("GET"))
        if len(inside) == 2:
            await engine.hears(LegsBridged(BRIDGE, one))
            assert "bridges/b1" not in server.paths("DELETE")
        else:
            await engine.hears(CommandFailed(one, "BridgeLegs", CommandFailure.TIMED_OUT))
            await server.until(lambda: "bridges/b1" in server.paths("DELETE"))


async def test_events_of_a_leg_keep_their_order_and_its_end_is_the_last() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.caller("c1")
        up = {"type": "ChannelStateChange", "channel": {"id": "c1", "state": "Up"}}
        request = about_channel("ChannelHangupRequest", "c1", cause=16)
        digit = about_channel("ChannelDtmfReceived", "c1", digit="1")
        end = about_channel("StasisEnd", "c1")
        destroyed = about_channel("ChannelDestroyed", "c1", cause=17)
        await server.say(up, digit, request, end, digit, destroyed, end)
        await engine.settled()
        news = [event for event in engine.told if event.leg == leg][1:]
        assert [type(event).__name__ for event in news] == [
            "LegAnswered",
            "DigitReceived",
            "LegEnded",
        ]
        assert news[0] == LegAnswered(leg)
        assert news[-1] == LegEnded(leg, 16)


async def test_flag_of_our_own_hanging_up_is_no_cause() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.caller("c1")
        request = about_channel("ChannelHangupRequest", "c1", cause=32, soft=True)
        await server.say(request, about_channel("StasisEnd", "c1"))
        await engine.settled()
        assert engine.told[-1] == LegEnded(leg, None)


async def test_release_and_playback_without_a_line_are_answered() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.caller("c1")
        engine.telephony.perform(ReleaseLeg(LegId("nobody.0"), ReleaseReason.NORMAL))
        server.refuse_lines = True
        await server.lines[-1].close()
        await server.until(lambda: not engine.telephony.connected)
        engine.perform(play(leg, "p1"), ReleaseLeg(leg, ReleaseReason.NORMAL))
        finished, failed = engine.told[-2:]
        assert type(finished).__name__ == "PlaybackFinished"
        assert failed == CommandFailed(leg, "ReleaseLeg", CommandFailure.OVERLOADED)

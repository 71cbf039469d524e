"""Ringing a device: the dial waits for the channel, and nothing is left behind a failure."""

import pytest
from engine_harness import Engine, dial, engine_on
from fake_ari import FakeAri, about_channel, stasis_start

from ivr.adapters.ari import dialling
from ivr.call.effects import ReleaseLeg
from ivr.call.events import CommandFailed, LegAnswered, LegEnded
from ivr.call.model import CommandFailure, LegId, ReleaseReason
from router.model import DeviceId

pytestmark = pytest.mark.contract

AGENT = LegId("k1.1")
DIAL = f"channels/{AGENT}/dial"


def hung_up(server: FakeAri, channel: str = AGENT) -> list[str]:
    wanted = f"channels/{channel}"
    return [
        query["reason"]
        for method, path, query, _ in server.asked
        if method == "DELETE" and path == wanted
    ]


async def created(engine: Engine) -> None:
    await engine.caller()
    engine.perform(dial(AGENT, "k1"))
    await engine.server.until(lambda: "channels/create" in engine.server.paths("POST"))
    await engine.settled()


async def test_dial_waits_until_the_channel_is_in_the_application() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        await created(engine)
        assert DIAL not in server.paths("POST")
        await server.say(stasis_start(AGENT, "leg"))
        await server.until(lambda: DIAL in server.paths("POST"))
        up = {"type": "ChannelStateChange", "channel": {"id": AGENT, "state": "Up"}}
        await server.say(up, up)
        await engine.hears(LegAnswered(AGENT))
        await engine.settled()
        assert engine.told.count(LegAnswered(AGENT)) == 1
        assert hung_up(server) == []


async def test_second_start_of_the_channel_does_not_dial_again() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        await created(engine)
        await server.say(stasis_start(AGENT, "leg"), stasis_start(AGENT, "leg"))
        await engine.settled()
        await server.until(lambda: DIAL in server.paths("POST"))
        assert server.paths("POST").count(DIAL) == 1


@pytest.mark.parametrize("status", [404, 409, 412, 500])
async def test_refused_dial_leaves_no_channel_behind(status: int) -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        server.when("POST", DIAL, (status, None))
        await created(engine)
        await server.say(stasis_start(AGENT, "leg"))
        await engine.hears(LegEnded(AGENT, dialling.SUBSCRIBER_ABSENT))
        await server.until(lambda: hung_up(server) == ["failure"])
        await server.say(about_channel("ChannelDestroyed", AGENT, cause=16))
        await engine.settled()
        assert [event for event in engine.told if event.leg == AGENT] == [
            LegEnded(AGENT, dialling.SUBSCRIBER_ABSENT)
        ]


async def test_channel_that_never_enters_the_application_ends_at_its_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialling, "IN_APP_S_MAX", 0.05)
    async with FakeAri() as server, engine_on(server) as engine:
        await created(engine)
        await engine.hears(LegEnded(AGENT, dialling.SUBSCRIBER_ABSENT))
        await server.until(lambda: hung_up(server) == ["failure"])
        await server.say(stasis_start(AGENT, "leg"))
        await server.until(lambda: hung_up(server) == ["failure", "congestion"])
        assert DIAL not in server.paths("POST")


async def test_refused_creation_ends_the_leg() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        server.when("POST", "channels/create", (500, None))
        await engine.caller()
        engine.perform(dial(AGENT, "k1"))
        await engine.hears(LegEnded(AGENT, dialling.SUBSCRIBER_ABSENT))


async def test_leg_released_before_it_is_there_is_not_dialled() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        await created(engine)
        engine.perform(ReleaseLeg(AGENT, ReleaseReason.NORMAL))
        await server.say(stasis_start(AGENT, "leg"))
        await server.say(about_channel("ChannelDestroyed", AGENT, cause=16))
        await engine.hears(LegEnded(AGENT, 16))
        await engine.settled()
        assert DIAL not in server.paths("POST")


async def test_id_of_a_living_leg_is_refused_and_the_leg_stays() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        await created(engine)
        engine.perform(dial(AGENT, "k1"))
        assert CommandFailed(AGENT, "DialDevice", CommandFailure.REFUSED) in engine.told
        await server.say(stasis_start(AGENT, "leg"))
        await server.until(lambda: DIAL in server.paths("POST"))
        assert server.paths("POST").count("channels/create") == 1
        assert not any(isinstance(event, LegEnded) for event in engine.told)


@pytest.mark.parametrize(
    "name", ["agent-1/sip:x@198.51.100.7", "a&PJSIP/b", "a@b", "", "a,b", "../x", "a\nb", "a" * 65]
)
async def test_device_name_that_could_dial_elsewhere_is_not_dialled(name: str) -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        await engine.caller()
        engine.perform(dial(AGENT, "k1", DeviceId(f"main:{name}")))
        assert engine.told[-1] == LegEnded(AGENT, dialling.SUBSCRIBER_ABSENT)
        await engine.settled()
        assert "channels/create" not in server.paths("POST")


HOSTILE = (
    "+1;ext=9&PJSIP/x",
    "1" * 60,
    "\u202e13900\u202c",
    "1\r\nX-Header: 1",
    "\x00\x1b[31m",
    "${SHELL(id)}",
    "../../asterisk/modules",
    "1?app=other",
    "",
)


@pytest.mark.parametrize("number", HOSTILE)
async def test_hostile_caller_reaches_no_request(number: str) -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        start = stasis_start("c1", "inbound", number or "0", number=number)
        start["channel"]["caller"]["name"] = number
        await server.say(start)
        await server.until(lambda: bool(engine.arrivals()))
        (arrived,) = engine.arrivals()
        assert engine.parties.numbers == [number]
        engine.perform(dial(AGENT, "k1"))
        await server.say(stasis_start(AGENT, "leg"))
        await server.until(lambda: DIAL in server.paths("POST"))
        asked = repr(server.asked)
        assert not number or number not in asked
        assert not number or repr(number)[1:-1] not in asked
        assert arrived.caller == "party-1"
        assert set(server.asked[-1][2]) == {"caller", "timeout"}

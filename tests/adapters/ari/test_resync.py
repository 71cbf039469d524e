"""After every connection: what Asterisk says is true, but its lists are old when they arrive."""

from typing import Any

import fake_ari
import pytest
from engine_harness import Engine, ended, engine_on, play
from fake_ari import FakeAri, about_bridge, about_channel, stasis_start

from ivr.adapters.ari.device_names import device_of
from ivr.adapters.ari.strangers import STRANGERS_MAX, Strangers
from ivr.call.effects import BridgeLegs, DestroyBridge, ReleaseLeg
from ivr.call.events import LegAnswered, LegEnded, LegsBridged
from ivr.call.model import BridgeId, PlaybackOutcome, ReleaseReason
from router.events import DeviceOccupied, DeviceVacated

pytestmark = pytest.mark.contract


def listed(name: str, *args: str, state: str = "Ring", app: str = fake_ari.APP) -> dict[str, Any]:
    place = {"app_name": "Stasis", "app_data": ",".join((app, *args))}
    return {**fake_ari.channel(name, state=state), "dialplan": place}


def of_device(device: str, name: str, *args: str) -> dict[str, Any]:
    return {**listed(name, *args, state="Up"), "name": f"PJSIP/{device}-0000002a"}


def bridge(name: str, *channels: str, creator: str = "Stasis") -> dict[str, Any]:
    return {"id": name, "channels": list(channels), "creator": creator}


def lists(server: FakeAri, channels: list[Any], *bridges: Any) -> None:
    """What the server will say of channels and bridges."""
    server.when("GET", "channels", (200, channels))
    server.when("GET", "bridges", (200, list(bridges)))


async def reconnected(engine: Engine) -> None:
    """The line breaks and is made anew; the comparison is done."""
    server = engine.server
    compared = server.paths("GET").count("bridges")
    await server.lines[-1].close()
    await server.until(lambda: server.paths("GET").count("bridges") > compared)
    await engine.settled()


async def test_leg_that_is_gone_has_ended_and_who_came_is_taken_in() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        gone, stays = await engine.caller("c1"), await engine.caller("c2")
        lists(server, [listed("c2", state="Up"), listed("c3", "inbound", "10086")])
        await reconnected(engine)
        await engine.hears(LegEnded(gone, None), LegAnswered(stays))
        assert [event.dialled for event in engine.arrivals()] == ["10086"] * 3
        assert not any(event.taken_in for event in engine.arrivals())
        assert not any(event == LegEnded(stays, None) for event in engine.told)


async def test_caller_who_is_up_when_we_meet_her_is_told_as_taken_in() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        lists(server, [listed("c3", "inbound", "10086", state="Up")])
        await reconnected(engine)
        assert [event.taken_in for event in engine.arrivals()] == [True]


async def test_channel_that_ends_while_the_list_is_on_its_way_is_not_taken_in() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.caller("c1")
        lists(server, [listed("c1", "inbound", "10086"), listed("c9", "inbound", "10086")])
        gate = server.holding("GET", "bridges")
        await server.lines[-1].close()
        await server.until(lambda: server.connects == 2 and server.paths("GET")[-1] == "bridges")
        for name in ("c1", "c9"):
            await server.say(about_channel("StasisEnd", name))
        await engine.hears(LegEnded(leg, None))
        await engine.settled()
        gate.set()
        await server.until(lambda: bool(engine.noted("resync_done")))
        await engine.settled()
        assert len(engine.arrivals()) == 1


async def test_channel_that_came_and_went_is_not_taken_in() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        lists(server, [listed("c9", "inbound", "10086")])
        gate = server.holding("GET", "bridges")
        await server.lines[-1].close()
        await server.until(lambda: server.connects == 2 and server.paths("GET")[-1] == "bridges")
        await server.say(stasis_start("c9", "inbound", "10086"), about_channel("StasisEnd", "c9"))
        await server.until(lambda: any(isinstance(event, LegEnded) for event in engine.told))
        gate.set()
        await server.until(lambda: bool(engine.noted("resync_done")))
        await engine.settled()
        assert len(engine.arrivals()) == 1


async def test_agents_leg_nobody_knows_and_foreign_channels() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        lists(
            server,
            [listed("k0.1", "leg"), listed("x", "inbound", "1", app="other"), {"id": "plain"}],
        )
        await reconnected(engine)
        await server.until(lambda: "channels/k0.1" in server.paths("DELETE"))
        assert not {"channels/x", "channels/plain"} & set(server.paths("DELETE"))
        assert engine.arrivals() == []


async def test_release_that_was_lost_with_the_line_is_asked_for_again() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.caller("c1")
        lists(server, [listed("c1", "inbound", "10086", state="Up")])
        server.refuse_lines = True
        await server.lines[-1].close()
        await server.until(lambda: not engine.telephony.connected)
        engine.perform(ReleaseLeg(leg, ReleaseReason.FAILURE))
        server.refuse_lines = False
        await server.until(lambda: "channels/c1" in server.paths("DELETE"))


async def test_bridging_that_completed_in_the_gap_is_told() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await engine.caller("c1"), await engine.caller("c2")
        engine.perform(BridgeLegs(BridgeId("b1"), (one, other)))
        await server.until(lambda: "bridges/b1/addChannel" in server.paths("POST"))
        lists(server, [listed("c1"), listed("c2")], bridge("b1", "c1", "c2"))
        await reconnected(engine)
        await engine.hears(LegsBridged(BridgeId("b1"), one))
        assert "bridges/b1" not in server.paths("DELETE")


async def test_bridge_whose_end_was_lost_with_the_line_is_destroyed() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        one, other = await engine.caller("c1"), await engine.caller("c2")
        made = await engine.bridged(one, other, "c1", "c2")
        lists(server, [listed("c1"), listed("c2")], bridge(made, "c1", "c2"))
        server.refuse_lines = True
        await server.lines[-1].close()
        await server.until(lambda: not engine.telephony.connected)
        engine.perform(DestroyBridge(made, one))
        server.refuse_lines = False
        await server.until(lambda: f"bridges/{made}" in server.paths("DELETE"))
        assert "channels/c1" not in server.paths("DELETE")


@pytest.mark.parametrize(("status", "over"), [(404, True), (200, False)])
async def test_playback_that_ended_in_the_gap_has_finished(status: int, over: bool) -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.caller("c1")
        engine.perform(play(leg, "p1"))
        await server.until(lambda: "channels/c1/play/p1" in server.paths("POST"))
        await engine.settled()
        lists(server, [listed("c1")])
        server.when("GET", "playbacks/p1", (status, None))
        await reconnected(engine)
        await server.until(lambda: "playbacks/p1" in server.paths("GET"))
        await engine.settled()
        assert (ended(leg, "p1", PlaybackOutcome.PLAYED) in engine.told) is over


async def test_lists_that_do_not_come_are_noted_and_end_nothing() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        await engine.caller("c1")
        server.when("GET", "channels", (503, None))
        await reconnected(engine)
        await server.until(lambda: bool(engine.noted("resync_failed")))
        assert not any(isinstance(event, LegEnded) for event in engine.told)


async def test_list_that_is_no_list_is_noted_and_end_nothing() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        server.when("GET", "channels", (200, {"message": "?"}))
        await reconnected(engine)
        await server.until(lambda: bool(engine.noted("resync_failed")))


STRANGE = [listed("s1", "inbound", "10086", state="Up"), listed("s2", "leg", state="Up")]


@pytest.mark.parametrize("kind", ["StasisEnd", "ChannelDestroyed", "ChannelLeftBridge"])
async def test_when_one_stranger_goes_the_other_is_hung_up(kind: str) -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        lists(server, STRANGE, bridge("old", "s1", "s2"))
        await reconnected(engine)
        touched = {"channels/s1", "channels/s2", "bridges/old"} & set(server.paths("DELETE"))
        assert touched == set()
        if kind == "ChannelLeftBridge":
            await server.say(about_bridge(kind, "old", "s2"))
        else:
            await server.say(about_channel(kind, "s2"))
        wanted = {"channels/s1", "bridges/old"}
        await server.until(lambda: wanted <= set(server.paths("DELETE")))
        assert "channels/s2" not in server.paths("DELETE")
        assert engine.arrivals() == []


async def test_stranger_whose_peer_went_in_the_gap_is_hung_up() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        lists(server, STRANGE[:1], bridge("old", "s1"))
        await reconnected(engine)
        wanted = {"channels/s1", "bridges/old"}
        await server.until(lambda: wanted <= set(server.paths("DELETE")))


async def test_bridges_of_others_are_none_of_our_business() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        foreign = [listed("x1", app="other"), listed("x2", app="other")]
        lists(
            server,
            foreign,
            bridge("dialplans", creator="Dial"),
            bridge("others", "x1", "x2"),
            bridge("empty"),
        )
        await reconnected(engine)
        await server.until(lambda: "bridges/empty" in server.paths("DELETE"))
        await server.say(about_channel("ChannelDestroyed", "x1", cause=16))
        await engine.settled()
        touched = set(server.paths("DELETE"))
        assert not {"bridges/dialplans", "bridges/others", "channels/x2"} & touched


def test_strangers_are_bounded() -> None:
    hung_up, destroyed, told = list[str](), list[str](), list[DeviceOccupied | DeviceVacated]()
    strangers = Strangers(
        hang_up=hung_up.append, destroy_bridge=destroyed.append, occupancy=told.append
    )
    for n in range(STRANGERS_MAX // 2):
        strangers.adopt(f"b{n}", (f"c{n}", f"d{n}"))
    assert (hung_up, destroyed) == ([], [])
    strangers.adopt("more", ("c", "d"))
    assert (hung_up, destroyed) == (["c", "d"], ["more"])
    strangers.gone("c0")
    assert (hung_up[2:], destroyed[1:]) == (["d0"], ["b0"])
    strangers.gone("d0")
    assert len(strangers) == STRANGERS_MAX - 2


PAIR = [of_device("trunk", "s1", "inbound", "10086"), of_device("desk-1", "s2", "leg")]


def occupancy(engine: Engine) -> list[tuple[str, str, str]]:
    """What was told of devices: news, device, channel."""
    kinds = ("device_occupied", "device_vacated")
    return [
        (kind, details["device"], details["channel"])
        for kind, details in engine.notes
        if kind in kinds
    ]


OCCUPIED = ("device_occupied", "main:desk-1", "s2")
VACATED = ("device_vacated", "main:desk-1", "s2")


async def test_device_of_a_stranger_is_occupied_until_its_channel_ends() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        lists(server, PAIR, bridge("old", "s1", "s2"))
        await reconnected(engine)
        assert occupancy(engine) == [OCCUPIED]
        await reconnected(engine)
        assert occupancy(engine) == [OCCUPIED]
        await server.say(about_bridge("ChannelLeftBridge", "old", "s2"))
        await engine.settled()
        assert occupancy(engine) == [OCCUPIED]
        for kind in ("StasisEnd", "ChannelDestroyed"):
            await server.say(about_channel(kind, "s2"))
        await engine.settled()
        assert occupancy(engine) == [OCCUPIED, VACATED]


async def test_device_of_a_stranger_who_went_in_the_gap_is_vacant() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        lists(server, PAIR, bridge("old", "s1", "s2"))
        await reconnected(engine)
        lists(server, PAIR[:1], bridge("old", "s1"))
        await reconnected(engine)
        assert occupancy(engine) == [OCCUPIED, VACATED]


async def test_device_stays_occupied_when_the_lists_do_not_come() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        lists(server, PAIR, bridge("old", "s1", "s2"))
        await reconnected(engine)
        server.when("GET", "channels", (503, None))
        await reconnected(engine)
        await server.until(lambda: bool(engine.noted("resync_failed")))
        assert occupancy(engine) == [OCCUPIED]
        await server.say(about_channel("StasisEnd", "s2"))
        await engine.settled()
        assert occupancy(engine) == [OCCUPIED, VACATED]


async def test_device_is_known_from_its_channel_also_when_it_came_in_the_gap() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        await server.say(
            {"type": "StasisStart", "channel": of_device("desk-1", "d1"), "args": ["device", "*11"]}
        )
        await server.until(lambda: len(engine.arrivals()) == 1)
        lists(
            server,
            [
                of_device("desk-2", "d2", "device", "*12"),
                of_device("desk-3", "d3", "inbound", "10086"),
            ],
        )
        await reconnected(engine)
        told = [(event.dialled, event.device) for event in engine.arrivals()]
        assert told == [("*11", "main:desk-1"), ("*12", "main:desk-2"), ("10086", None)]


async def test_device_with_an_odd_channel_name_is_a_caller_and_noted() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        odd = {**of_device("desk-1", "d1"), "name": "PJSIP/desk-1-0000002a<ZOMBIE>"}
        await server.say({"type": "StasisStart", "channel": odd, "args": ["device", "*11"]})
        await server.until(lambda: len(engine.arrivals()) == 1)
        assert engine.arrivals()[0].device is None
        assert [details["channel"] for details in engine.noted("device_unknown")] == ["d1"]


@pytest.mark.parametrize(
    ("name", "kind", "device"),
    [
        ("PJSIP/desk-1-0000002a", "device", "main:desk-1"),
        ("PJSIP/desk-1-0000002a", "leg", "main:desk-1"),
        ("PJSIP/desk-00000001-0000002a", "leg", "main:desk-00000001"),
        ("PJSIP/desk-1-0000002a", "inbound", None),
        ("PJSIP/desk-1-0000002a", "", None),
        ("PJSIP/desk-1", "device", None),
        ("PJSIP/desk-1-0000002a\n", "device", None),
        ("PJSIP/desk 1-0000002a", "device", None),
        ("Local/desk-1-0000002a", "device", None),
        ("xPJSIP/desk-1-0000002a", "device", None),
        ("PJSIP/desk-1-0000002G", "device", None),
    ],
)
def test_device_is_read_from_a_channel_name_or_not_at_all(
    name: str, kind: str, device: str | None
) -> None:
    assert device_of(name, kind=kind) == device


async def test_replacement_on_the_device_line_stops_the_whole_engine() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        leg = await engine.caller("c1")
        await server.device_lines[-1].send_json({"type": "ApplicationReplaced"})
        await server.until(engine.telephony.replaced.is_set)
        before = len(server.asked)
        engine.perform(ReleaseLeg(leg, ReleaseReason.NORMAL), play(leg, "p1"))
        assert len(server.asked) == before
        assert len(engine.noted("asterisk_replaced_us")) == 1


async def test_replacement_on_both_lines_is_told_once() -> None:
    async with FakeAri() as server, engine_on(server) as engine:
        for line in (server.lines[-1], server.device_lines[-1]):
            await line.send_json({"type": "ApplicationReplaced"})
        await server.until(lambda: all(line.closed for line in server.device_lines))
        assert len(engine.noted("asterisk_replaced_us")) == 1


async def test_filter_of_the_device_line_lets_answers_and_replacement_through() -> None:
    async with FakeAri() as server, engine_on(server):
        await server.until(lambda: bool(server.bodies))
        (body,) = server.bodies
        names = {entry["type"] for entry in body["allowed"]}
        assert names == {"ContactStatusChange", "RESTResponse", "ApplicationReplaced"}

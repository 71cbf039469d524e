"""Who gets whom, on a real Asterisk with real phones, and what `expertline explain` tells of it.

One engine serves all scenarios of this module. What was explained is kept in the test's folder
(``told.md``), to be read as a floor manager would.
"""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from routing_floor import PATIENCE_S, Floor, open_floor, was_told

from simulator.live.phone import RingOut

pytestmark = [pytest.mark.acceptance, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    """The floor of all scenarios; nothing of it may be left afterwards."""
    async with open_floor(tmp_path_factory.mktemp("routing")) as up:
        yield up


async def test_scarce_expert_is_spared_for_who_needs_her(floor: Floor) -> None:
    first = await floor.busy("2001", to="7001")  # though the expert is idle longer
    second = await floor.busy("2002", to="7001")
    await floor.leave(first, second)
    assert floor.rang("2001") == [first.number]
    assert floor.rang("2002") == [second.number]
    await floor.served(first, by="2001")
    await floor.served(second, by="2002")
    told, of_second = await asyncio.gather(
        floor.why("a scarce expert is spared", first),
        floor.why("the scarce expert is the only one left", second),
    )
    assert "the lowest sufficient level (data 1); behind her: 2002 (data 3" in told
    assert "the only one idle. Not asked: 2001 talks" in of_second


async def test_step_relaxes_when_its_time_is_over(floor: Floor) -> None:
    first = await floor.busy("2003", to="7002")
    second = await floor.busy("2004", to="7002")
    await floor.leave(first, second)
    assert (floor.rang("2003"), floor.rang("2004")) == ([first.number], [second.number])
    await floor.served(second, by="2004")
    told = await floor.why("a step relaxes", second)
    assert "Nobody with network >= 3 was free for it for 2" in told
    assert "s (2003 talks), so any network skill will do from now on" in told


async def test_priority_overtakes_and_a_class_before_it_overtakes_both(floor: Floor) -> None:
    talking = await floor.busy("2005", to="7003")
    usual = await floor.call("7003")
    preferred = await floor.call("7004")
    urgent = await floor.call("7005")
    await floor.leave(talking)
    await floor.serves("2005", urgent, preferred, usual)
    of_urgent, of_preferred, of_usual = await asyncio.gather(
        floor.why("a strict class comes first", urgent),
        floor.why("priority overtakes", preferred),
        floor.why("who has no priority is overtaken", usual),
    )
    assert "class 3 comes first" in of_urgent
    assert "class 3 comes before class 5" in of_preferred
    assert "Its priority is worth 1 min of waiting" in of_preferred
    assert "it counts as waiting longer, 1 min" in of_usual


async def test_last_agent_is_found_again_and_waited_for_a_while(floor: Floor) -> None:
    first = await floor.busy("2006", to="7006")
    await floor.leave(first)
    again = await floor.busy("2006", to="7006", number=first.number)  # though 2007 is idle longer
    third = await floor.busy("2007", to="7006", number=first.number)
    await floor.leave(again, third)
    await floor.served(again, by="2006")
    await floor.served(third, by="2007")
    of_again, of_third = await asyncio.gather(
        floor.why("the last agent is found again", again),
        floor.why("the last agent is waited for, in vain", third),
    )
    assert "Rang 2006 (Carer 1): the contact's preferred agent" in of_again
    assert "2006 (Carer 1) alone, its preferred agent" in of_third
    assert "is waited for no longer, after 2" in of_third


async def test_two_queues_share_an_agent_fairly(floor: Floor) -> None:
    talking = await floor.busy("2008", to="7007")
    clothes = [await floor.call("7008") for _ in range(3)]
    shoes = [await floor.call("7009") for _ in range(2)]
    await floor.leave(talking)
    await floor.serves("2008", clothes[0], shoes[0], clothes[1], shoes[1], clothes[2])
    of_shoes, of_clothes = await asyncio.gather(
        floor.why("a queue that had less of its share is next", shoes[0]),
        floor.why("who came first waits for the other queue's share", clothes[1]),
    )
    assert "its queue has had the least of its share" in of_shoes
    assert "that queue has had less of its share" in of_clothes


async def test_agent_who_lets_it_ring_out_is_passed_over_and_then_absent(floor: Floor) -> None:
    await floor.phones["2012"].behave(RingOut())
    first = await floor.busy("2013", to="7017")
    second = await floor.call("7017")
    await floor.until(lambda: len(floor.rang("2012")) == 2)
    await floor.leave(first)
    await floor.talks("2013", second)
    await floor.leave(second)
    assert floor.rang("2012") == floor.rang("2013") == [first.number, second.number]
    await floor.served(second, by="2013")
    fitter, of_first, of_second = await asyncio.gather(
        floor.agent("2012"),
        floor.why("a phone rings out, another one rings", first),
        floor.why("the second miss in a row, and she is taken for absent", second),
    )
    assert (fitter["presence"], fitter["reason"]) == ("on_break", "missed_offers")
    assert "2012 (Fitter 1) did not answer within 2 s" in of_first
    assert "miss 1 of 2" in of_first
    assert "miss 2 of 2: she is taken for absent till" in of_second


async def test_wrap_up_is_lengthened_and_ended_and_a_break_begins_after_the_contact(
    floor: Floor,
) -> None:
    first = await floor.busy("2014", to="7018")
    await floor.leave(first)
    second = await floor.call("7018")
    said = await floor.command("agent", "extend-wrap-up", "2014")
    assert "wrap-up lasts longer" in said
    code = await floor.rack.dial(floor.phones["2014"], floor.hotline.uri_of("*15"))
    await code.ended(30)
    assert was_told(code, "agent-wrap-up-ended")
    await floor.talks("2014", second)
    await floor.command("agent", "pause", "2014", "--reason", "lunch", "--after-contact")
    third = await floor.call("7018")
    await floor.leave(second)
    await floor.command("agent", "end-wrap-up", "2014")
    await third.call.ended(30)
    assert third.heard("no_agents")
    assert (await floor.record(third))["reason"] == "no_agents"
    assert floor.rang("2014") == [first.number, second.number]
    writer, of_second, of_third = await asyncio.gather(
        floor.agent("2014"),
        floor.why("a wrap-up is ended by the agent", second),
        floor.why("a break after the contact leaves nobody", third),
    )
    assert (writer["presence"], writer["reason"]) == ("on_break", "lunch")
    assert "2014 wraps up" in of_second
    assert "2014 (Writer) became free and is rung" in of_second
    assert "2014 is on break: lunch" in of_third


async def test_waiting_contact_is_moved_by_hand(floor: Floor) -> None:
    talking = await floor.busy("2015", to="7019")
    first, second, third = [await floor.call("7019") for _ in range(3)]
    await floor.command("contacts", "move", first.contact, "--queue", "shared/gold")
    await floor.talks("2016", first)
    await floor.command("contacts", "move", third.contact, "--priority", "5m")
    await floor.leave(talking)
    await floor.serves("2015", third, second)
    await floor.leave(first)
    assert floor.rang("2016") == [first.number]
    of_first, of_third = await asyncio.gather(
        floor.why("moved to another queue by hand", first),
        floor.why("given priority by hand", third),
    )
    assert re.search("Moved from shared/silver to shared/gold as [a-z0-9_-]+ asked", of_first)
    assert "Its priority is worth 5 min from now on" in of_third


async def test_each_way_out_of_a_queue_is_gone_and_said(floor: Floor) -> None:
    talking = await floor.busy("2010", to="7015")
    waits = await floor.call(
        "7011"
    )  # the one who may wait in the small queue, and so in all queues
    measures = await floor.call("7013")  # let in though it takes long: nobody knows how long
    out = {
        "no_agents": await floor.call("7010"),
        "full": await floor.call("7011"),
        "timed_out": await floor.call("7012"),
        "expected_wait": await floor.call("7013"),
        "overload": await floor.call("7014"),
        "crisis": await floor.call("7015"),
    }
    await floor.command("crisis", "start", "shared/troubled")
    records = await asyncio.gather(*(floor.record(each) for each in out.values()))
    await asyncio.gather(*(each.call.ended(PATIENCE_S) for each in out.values()))
    assert [each["reason"] for each in records] == list(out)
    assert {cause: caller.heard(cause) for cause, caller in out.items()} == dict.fromkeys(out, True)
    await floor.leave(talking)
    await floor.talks("2010", waits)
    await floor.leave(measures, waits)
    await floor.served(waits, by="2010")
    await floor.command("crisis", "end", "shared/troubled")
    assert "let in to measure" in await floor.why("is let in to measure", measures)
    told = await asyncio.gather(
        *(floor.why(f"leaves by {cause}", caller) for cause, caller in out.items())
    )
    for sentence, because in zip(told, BECAUSE.values(), strict=True):
        assert because in sentence


BECAUSE = {
    "no_agents": "nobody is there for it (2009 is signed out)",
    "full": "it is full: 1 of at most 1 waits there",
    "timed_out": "the longest wait of 2 s is over",
    "expected_wait": "nobody is let in who would wait more than 10 s",
    "overload": "class 9",
    "crisis": "it is switched off by a crisis",
}
"""What the explanation of each way out must say."""


async def test_who_is_sent_on_to_another_queue_keeps_her_whole_wait(floor: Floor) -> None:
    clerk, talking = await asyncio.gather(
        floor.busy("2010", to="7015"), floor.busy("2011", to="7016")
    )
    sent_on = await floor.call("7021")
    came_later = await floor.call("7016")  # and yet stands in that queue before her
    await floor.command("crisis", "start", "shared/troubled")
    await floor.until(lambda: len(floor.traced("QueueContact", sent_on.contact)) == 2)
    await floor.leave(talking)
    await floor.serves("2011", sent_on, came_later)
    await floor.leave(clerk)
    await floor.command("crisis", "end", "shared/troubled")
    visits = (await floor.record(sent_on))["segments"]
    assert [each["exit"] for each in visits] == ["crisis", "answered"]
    of_sent_on = await floor.why("sent on to another queue", sent_on)
    of_later = await floor.why("came to that queue before who was sent on to it", came_later)
    assert "Given back by shared/troubled after" in of_sent_on
    assert "What it waited before counts: " in of_sent_on
    assert "2011 (Relief clerk) became free and is rung" in of_sent_on
    assert f"2011 (Relief clerk) became free and took {sent_on.contact}" in of_later
    assert "it counts as waiting longer" in of_later


async def test_crisis_leads_callers_to_another_queue_until_it_is_over(floor: Floor) -> None:
    talking = await floor.busy("2010", to="7011")
    waits = await floor.call("7015")
    await floor.command("crisis", "start", "shared/troubled", "--to", "shared/relief")
    await floor.talks("2011", waits)  # who waited was moved to her
    await floor.leave(waits)
    assert "shared/relief" in await floor.command("crisis", "list")
    comes = await floor.busy("2011", to="7015")
    await floor.command("crisis", "end", "shared/troubled")
    later = await floor.call("7015")
    await floor.leave(talking, comes)
    await floor.serves("2010", later)
    assert floor.rang("2011")[-2:] == [waits.number, comes.number]
    of_moved, of_led = await asyncio.gather(
        floor.why("a crisis moves who waits", waits),
        floor.why("a crisis leads who comes to another queue", comes),
    )
    assert "Moved from shared/troubled to shared/relief because of the crisis there" in of_moved
    assert "instead of shared/troubled, where there is a crisis" in of_led

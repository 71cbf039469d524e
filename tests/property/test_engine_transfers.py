"""Hours in which agents transfer all the time, against the real driver: the invariants hold.

In a usual busy day there are few talks, and transfers need talks. Here phones answer, callers wait,
and whoever talks consults, gives away, completes and cancels, by keys and from outside.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from engine_site import AGENTS, DEVICES, QUEUES
from engine_world import World

from ivr.call.events import TransferOrder
from ivr.call.model import LegId, Outcome
from ivr.call.phases import Phase
from ivr.call.record import OfferResult, TransferKind, TransferResult
from ivr.call.transfer_state import Stage
from ivr.flow.transfer_names import desk_agent_queue
from router.model import ContactId, QueueId, local_name, qualified
from simulator.fake_asterisk import Answers, CallerScript, PhoneScript, Rejects, RingsOut

pytestmark = pytest.mark.property

SEEDS = 6
STEPS = 120
SETTLED_MS = 200
"""Till music that was asked for is heard, and more."""
TARGETS = [
    *sorted(QUEUES),
    *(QueueId(qualified(desk_agent_queue(local_name(agent)))) for agent in AGENTS),
]
KEYED = ["*20#", "*21#", "*22#", "*23#", "*30#", "*31#", "*34#", "*4", "*4", "*1", "*29#", "*2*1"]
PHONES: tuple[PhoneScript, ...] = (
    *[Answers(after_ms) for after_ms in (0, 300, 800, 2_500)],
    Answers(500, hang_up_after_ms=400),
    Answers(500, hang_up_after_ms=20_000),
    Rejects(after_ms=200),
    RingsOut(),
)
EACH = {
    (kind, result)
    for kind in TransferKind
    for result in TransferResult
    if (kind, result) != (TransferKind.BLIND, TransferResult.CANCELLED)
}


def an_hour(seed: int, *, twice: bool = True) -> World:
    """Callers who come, and agents who hand them round."""
    chance, world = random.Random(seed), World(seed, twice=twice)
    for number, device in enumerate(DEVICES):
        world.fake.set_phone(device, Answers(after_ms=500))
        world.sign_in(number, number)
    world.time.run_for(50)
    for _ in range(STEPS):
        act(world, chance)
        if silent(world):
            world.time.run_for(SETTLED_MS)
            assert silent(world) == set()
    world.heal_and_drain()
    world.check_all_ended()
    return world


def silent(world: World) -> set[LegId]:
    """Who should hear music now, on hold or waiting, and does not."""
    contacts: dict[ContactId, Any] = vars(world.driver.calls)["_contacts"]
    waiting = (Phase.WAITING, Phase.ALERTING, Phase.CONSULTING)
    legs = {
        held.caller_leg
        for held in contacts.values()
        if held.phase in waiting and not held.playbacks
    }
    for held in contacts.values():
        asked = held.consultation
        if asked is not None and asked.stage in (Stage.SEEKING, Stage.ALERTING):
            legs.add(held.offered.leg)
    return {leg for leg in legs if not world.fake.hears_hold_music(leg)}


def act(world: World, chance: random.Random) -> None:
    seat, order = chance.randrange(len(AGENTS)), chance.choice(list(TransferOrder))
    presses = tuple((at_ms, chance.choice("0012")) for at_ms in range(50, 9_000, 1_100))
    patience = chance.choice([None, 20_000, 60_000])
    talkers = world.talkers()
    talker = chance.choice(talkers) if talkers else seat
    legs = world.live_legs()
    deeds: dict[Callable[[], object], int] = {
        lambda: world.fake.arrive(CallerScript(presses, patience)): 14,
        lambda: world.transfer(talker, order, chance.choice(TARGETS)): 16,
        lambda: world.transfer(talker, TransferOrder.COMPLETE): 4,
        lambda: world.key_in_talk(seat, chance.choice(KEYED)): 16,
        lambda: legs and world.fake.hang_up(chance.choice(legs)): 5,
        lambda: world.fake.set_phone(DEVICES[seat], chance.choice(PHONES)): 5,
        lambda: world.sign_in(seat, seat): 6,
        lambda: world.sign_out(seat): 1,
        lambda: world.fake.unregister(DEVICES[seat]): 1,
        lambda: world.time.run_for(chance.randrange(6_000)): 40,
    }
    chance.choices(list(deeds), list(deeds.values()))[0]()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_hour_of_transfers_of_any_seed_keeps_the_invariants(seed: int) -> None:
    world = an_hour(seed)
    assert any(each.transfers for each in world.records.values())


def test_hours_of_transfers_reach_everything_worth_checking() -> None:
    """Else the property would hold of nothing."""
    results: set[tuple[TransferKind, TransferResult]] = set()
    outcomes: set[Outcome] = set()
    offers: set[OfferResult] = set()
    for seed in range(SEEDS, 3 * SEEDS):
        for record in an_hour(seed, twice=False).records.values():
            results |= {(each.kind, each.result) for each in record.transfers}
            outcomes |= {record.outcome for each in record.transfers if each}
            offers |= {each.result for each in record.offers}
    assert results == EACH
    assert outcomes >= {Outcome.SERVED, Outcome.ABANDONED, Outcome.WORK_ORDER}
    assert OfferResult.CONSULTED in offers

"""The fake services of worlds keep the promises of the port."""

from collections.abc import Callable

import pytest
from lookup_scenarios import SCENARIOS, Scenario, request

from ivr.call.events import LookupAnswered
from ivr.ports import Lookups
from simulator.fake_services import FakeServices, Said

pytestmark = pytest.mark.contract


def at_once(_delay_ms: int, callback: Callable[[], None]) -> None:
    callback()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_fake_answers_as_the_port_promises(scenario: Scenario) -> None:
    answers: list[LookupAnswered] = []
    said = Said(scenario.said, scenario.fields)
    fake: Lookups = FakeServices(lambda _request: (said,), at_once, answers.append)
    asked = request(wants=scenario.wants)
    fake.request(asked)
    wanted = LookupAnswered(asked.contact, asked.lookup, scenario.outcome, scenario.values)
    assert answers == [wanted]

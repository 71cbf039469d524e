from pathlib import Path

import pytest

from ivr.adapters.site_files import find_site, known_timezones, read_site_files
from ivr.flow.load import Loaded, load_site
from ivr.prompts.catalogue import load_catalogue
from router.model import local_name
from simulator.live.bench.load import Load, device_of
from simulator.live.bench.site import NUMBER, write_site

pytestmark = pytest.mark.unit


def loaded(folder: Path, load: Load) -> Loaded:
    files = read_site_files(find_site(write_site(folder, load)))
    playable = load_catalogue().playable()
    return load_site(files.texts, prompts=playable, timezones=known_timezones())


def test_written_site_has_no_problem_at_all(tmp_path: Path) -> None:
    assert loaded(tmp_path, Load()).problems == ()


def test_every_agent_of_the_load_has_a_seat_of_her_own(tmp_path: Path) -> None:
    site = loaded(tmp_path, Load(agents=3)).site
    assert site is not None
    seats = {agent.name: agent.device for agent in site.agents.values()}
    assert {local_name(name): local_name(str(device)) for name, device in seats.items()} == {
        name: device_of(name) for name in ("1001", "1002", "1003")
    }
    assert len(site.devices) == 3


def test_queue_has_the_wrap_up_of_the_load(tmp_path: Path) -> None:
    site = loaded(tmp_path, Load(wrap_up_ms=3_000)).site
    assert site is not None
    assert [queue.wrap_up_ms for queue in site.queues.values()] == [3_000]


def test_callers_dial_a_number_of_the_site(tmp_path: Path) -> None:
    site = loaded(tmp_path, Load()).site
    assert site is not None
    assert [hotline.numbers for hotline in site.hotlines.values()] == [(NUMBER,)]


@pytest.mark.parametrize("wrong", [{"calls": 0}, {"calls": 201}, {"agents": 0}, {"agents": 101}])
def test_load_out_of_bounds_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 to 200 calls"):
        Load(**wrong)


def test_wrap_up_that_the_yaml_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        Load(wrap_up_ms=1_500)

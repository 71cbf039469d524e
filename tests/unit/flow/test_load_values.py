"""What a good site becomes, and its content address."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from site_samples import GOOD, load, load_with, texts_of

from ivr.adapters.conf.devices import RESERVED_NAMES
from ivr.adapters.conf.settings import NAME
from ivr.flow.actions import Ask, Farewell, InputTimedOut, KeyPressed, Speak
from ivr.flow.interpreter import advance, begin
from ivr.flow.model import (
    EnterQueue,
    HangUp,
    Language,
    Menu,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
    SetLanguage,
)
from ivr.flow.read_site import DEVICE_NAME, DEVICE_NAMES_RESERVED
from ivr.flow.site import (
    AgentEntry,
    DeviceEntry,
    FeatureCodes,
    Hold,
    QueueEntry,
    Seating,
    Site,
)

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
HOTLINE = "10086/hotline.yaml"
CHINESE, ENGLISH = Language("zh-CN"), Language("en-US")


def keys(*names: str) -> tuple[PromptKey, ...]:
    return tuple(PromptKey(name) for name in names)


def good_site() -> Site:
    site = load(texts_of(GOOD)).site
    assert site is not None
    return site


def changed_site(file: str, old: str, new: str) -> Site:
    text = texts_of(GOOD)[file]
    assert old in text
    site = load_with(file, text.replace(old, new)).site
    assert site is not None
    return site


def test_nodes_are_read_as_written() -> None:
    hotline = good_site().hotlines["10086"]
    nodes = hotline.flow.nodes
    assert (hotline.numbers, hotline.languages) == (("10086", "+8610086"), ("zh-CN", "en-US"))
    retry = Retry(2, NodeName("chinese"))
    assert nodes[NodeName("language")] == Menu(
        keys("choose-language"),
        {"1": NodeName("chinese"), "2": NodeName("english")},
        5_000,
        retry,
        retry,
    )
    assert nodes[NodeName("english")] == SetLanguage(ENGLISH, NodeName("welcome"))
    assert nodes[NodeName("welcome")] == Play(keys("welcome"), NodeName("expert"))
    assert nodes[NodeName("sorry")] == HangUp(keys("sorry", "goodbye"))


def test_queue_names_are_the_hotlines_own_before_shared_ones() -> None:
    nodes = good_site().hotlines["10086"].flow.nodes
    expert, anyone = nodes[NodeName("expert")], nodes[NodeName("anyone")]
    either = (QueueExit.NO_AGENTS, QueueExit.TIMED_OUT)
    assert expert == EnterQueue(
        "10086/data-expert", 30_000, dict.fromkeys(either, NodeName("anyone"))
    )
    assert isinstance(anyone, EnterQueue)
    assert anyone.queue == "shared/general"


def test_queues_have_steps_and_defaults() -> None:
    queues = good_site().queues
    expert, general = queues["10086/data-expert"], queues["shared/general"]
    assert [step.for_ms for step in expert.steps] == [20_000, None]
    assert expert.steps[0].requirement.alternatives == ({"data": 2},)
    assert (expert.ring_ms_max, expert.wait_ms_max, expert.wrap_up_ms) == (15_000, 300_000, 10_000)
    assert general == QueueEntry(
        "shared/general", general.steps, 15_000, 600_000, 10_000, misses_max=2, hold=Hold("hold")
    )


def test_agents_have_skills_and_perhaps_a_seat() -> None:
    site = changed_site("site.yaml", ', device: "d002"', "")
    assert site.agents["1001"] == AgentEntry("1001", "Expert 1", {"general": 2}, "d001")
    assert site.agents["1002"].device is None
    assert [site.agents[name].seating for name in ("1001", "1002")] == [Seating.FIXED, Seating.FREE]
    assert site.devices == {"d001": DeviceEntry("d001", "Seat 1"), "d002": DeviceEntry("d002")}
    assert (site.tenant, site.skills) == ("main", ("general", "data"))
    assert site.feature_codes == FeatureCodes("*11", "*12", "*13", "*14", "*15", "*16", "*17")
    assert site.pause_reasons == {}


@pytest.mark.parametrize(
    ("written", "node"),
    [
        (
            "{play: [welcome, goodbye], next: expert}",
            Play(keys("welcome", "goodbye"), NodeName("expert")),
        ),
        (
            "{play: {prompt: welcome, barge_in: false}, next: expert}",
            Play(keys("welcome"), NodeName("expert"), barge_in=False),
        ),
    ],
)
def test_play_has_a_short_and_a_long_form(written: str, node: Play) -> None:
    site = changed_site(HOTLINE, "{play: welcome, next: expert}", written)
    assert site.hotlines["10086"].flow.nodes[NodeName("welcome")] == node


@pytest.mark.parametrize(
    ("written", "node"),
    [
        ("{hangup: }", HangUp()),
        ("{hangup: {reason: closed}}", HangUp((), "closed")),
        ("{hangup: {prompt: sorry}}", HangUp(keys("sorry"))),
    ],
)
def test_hangup_needs_no_words(written: str, node: HangUp) -> None:
    site = changed_site(HOTLINE, "{hangup: {prompt: [sorry, goodbye]}}", written)
    assert site.hotlines["10086"].flow.nodes[NodeName("sorry")] == node


def test_unquoted_digit_is_the_same_choice() -> None:
    assert changed_site(HOTLINE, '"2": english', "2: english").version == good_site().version


def test_loaded_flow_is_walked_by_the_interpreter() -> None:
    hotline = good_site().hotlines["10086"]
    state, first = begin(hotline)
    assert first == Ask(keys("choose-language"), CHINESE, barge_in=True, noinput_after_ms=5_000)
    pressed = advance(hotline, state, KeyPressed("2"))
    assert pressed is not None
    assert pressed[1] == Speak(keys("welcome"), ENGLISH, barge_in=True)
    for _ in range(2):
        again = advance(hotline, state, InputTimedOut())
        assert again is not None
        state = again[0]
        assert not isinstance(again[1], Farewell)


def test_version_depends_on_content_only() -> None:
    files = texts_of(GOOD)
    backwards = load(dict(reversed(files.items()))).site
    assert backwards is not None
    assert backwards.version == good_site().version
    assert changed_site(HOTLINE, "flow: main\n", "# words\nflow:   main\n") == good_site()
    assert changed_site("site.yaml", "general: 2", "general: 3").version != good_site().version
    assert changed_site(HOTLINE, "after: 5s", "after: 6s").version != good_site().version


def test_equal_durations_written_differently_are_one_version() -> None:
    assert changed_site(HOTLINE, "after: 5s", "after: 5000ms").version == good_site().version


@pytest.mark.parametrize("seed", ["1", "2"])
def test_version_is_stable_under_hash_seeds(seed: str) -> None:
    program = (
        "from site_samples import *; print(load(texts_of(GOOD)).site.version); "
        "print([str(p) for p in load(broken_site('unknown_keys').files).problems])"
    )
    paths = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    told = [str(each) for each in load(texts_of("unknown_keys") | rest()).problems]
    assert printed == [good_site().version, str(told)]


def rest() -> dict[str, str]:
    return {file: text for file, text in texts_of(GOOD).items() if file != HOTLINE}


def test_device_names_are_those_that_asterisk_is_given() -> None:
    assert DEVICE_NAME.pattern == NAME.pattern
    assert DEVICE_NAMES_RESERVED == RESERVED_NAMES

"""What limits, hold music, goals, work orders and feature codes of a good site become."""

import pytest
from site_samples import GOOD, load, texts_of

from ivr.flow.actions import (
    Farewell,
    JoinQueue,
    KeyPressed,
    OpenWorkOrder,
    QueueLeft,
    SpeechEnded,
    Step,
    WorkOrderOpened,
)
from ivr.flow.interpreter import advance, begin
from ivr.flow.model import EnterQueue, Hotline, MakeWorkOrder, NodeName, QueueExit
from ivr.flow.problems import Code
from ivr.flow.site import (
    Announce,
    FeatureCodes,
    Hold,
    QueueEntry,
    ServiceLevel,
    Site,
    WaitingLimit,
)

pytestmark = pytest.mark.unit

HOTLINE, QUEUES, SHARED = "10086/hotline.yaml", "10086/queues.yaml", "shared/queues.yaml"
WITHOUT_EFFECT = {Code.NOT_ACTED_UPON_YET, Code.ANNOUNCES_NOTHING}
FULL_EXIT = ("timed_out: anyone}", "timed_out: anyone, full: anyone}")
ORDER = (
    "      sorry: {hang",
    "      order: {work_order: {topic: data, skill: data, within: 4h}, next: sorry}\n"
    "      sorry: {hang",
)


def changed(*changes: tuple[str, tuple[str, str]]) -> Site:
    """The good site with pieces of its files replaced; it must still be good.

    Values without effect are read all the same.
    """
    files = texts_of(GOOD)
    for file, (old, new) in changes:
        assert files[file].count(old) == 1, old
        files[file] = files[file].replace(old, new)
    loaded = load(files)
    assert {each.code for each in loaded.problems} <= WITHOUT_EFFECT
    assert loaded.site is not None
    return loaded.site


def queue_with(line: str, *more: tuple[str, tuple[str, str]]) -> QueueEntry:
    site = changed((SHARED, ("queues:\n  general:\n", f"queues:\n  general:\n    {line}\n")), *more)
    return site.queues["shared/general"]


def with_orders() -> Hotline:
    return changed(
        (HOTLINE, ORDER),
        (HOTLINE, ("no_agents: sorry, timed_out: sorry}", "no_agents: order, timed_out: sorry}")),
    ).hotlines["10086"]


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("20", WaitingLimit(absolute=20)),
        ("2 per signed-in agent", WaitingLimit(per_agent=2)),
        ('"2 per signed-in agent"', WaitingLimit(per_agent=2)),
    ],
)
def test_waiting_is_limited_by_number_or_by_agent(written: str, limit: WaitingLimit) -> None:
    site = changed(
        (QUEUES, ("{wait: 5m}", f"{{wait: 5m, waiting: {written}}}")), (HOTLINE, FULL_EXIT)
    )
    queue = site.queues["10086/data-expert"]
    assert (queue.waiting, queue.wait_ms_max) == (limit, 300_000)
    node = site.hotlines["10086"].flow.nodes[NodeName("expert")]
    assert isinstance(node, EnterQueue)
    assert node.on[QueueExit.FULL] == "anyone"


@pytest.mark.parametrize(
    ("written", "hold"),
    [
        ("hold: {}", Hold("hold")),
        ("hold: {music: hold, announce: {}}", Hold("hold", Announce(True, 30_000))),
        (
            "hold: {announce: {position: false, every: 1m}}",
            Hold("hold", Announce(False, 60_000)),
        ),
    ],
)
def test_hold_has_defaults(written: str, hold: Hold) -> None:
    assert queue_with(written).hold == hold


def test_goal_and_misses_are_kept() -> None:
    goal = queue_with("service_level: {answered: 80%, within: 20s}").service_level
    assert goal == ServiceLevel(80, 20_000)
    assert queue_with("misses: 3").misses_max == 3


def test_feature_codes_can_be_changed_one_by_one() -> None:
    codes = ("tenant: main\n", 'tenant: main\nfeature_codes: {pause: "*9", sign_in: "*80"}\n')
    assert changed(("site.yaml", codes)).feature_codes == FeatureCodes("*80", "*12", "*9", "*14")


def test_codes_of_wrap_up_and_of_a_pause_put_off_can_be_changed_too() -> None:
    codes = 'feature_codes: {wrap_up_end: "*25", wrap_up_extend: "*26", pause_after: "*27"}'
    written = ("tenant: main\n", f"tenant: main\n{codes}\n")
    assert changed(("site.yaml", written)).feature_codes == FeatureCodes(
        wrap_up_end="*25", wrap_up_extend="*26", pause_after="*27"
    )


def test_pause_reasons_are_digits_with_names() -> None:
    reasons = ("tenant: main\n", 'tenant: main\npause_reasons: {1: lunch, "2": rest}\n')
    assert changed(("site.yaml", reasons)).pause_reasons == {"1": "lunch", "2": "rest"}


def test_version_follows_the_new_values() -> None:
    plain = changed().version
    versions = {
        changed((SHARED, ("steps:", f"{line}\n    steps:"))).version
        for line in ("misses: 2", "misses: 3", "hold: {announce: {}}")
    }
    assert len(versions) == 3
    assert plain in versions, "a default that is written out changes nothing"


def test_work_order_node_is_read_as_written() -> None:
    node = with_orders().flow.nodes[NodeName("order")]
    assert node == MakeWorkOrder("data", "data", 4 * 3_600_000, NodeName("sorry"))


def _walk_to_the_last_queue(hotline: Hotline) -> Step:
    state, _ = begin(hotline)
    for given in (KeyPressed("1"), SpeechEnded(), QueueLeft(QueueExit.TIMED_OUT)):
        following = advance(hotline, state, given)
        assert following is not None
        state, action = following
    assert isinstance(action, JoinQueue)
    return state, action


def test_work_order_is_opened_and_then_the_flow_goes_on() -> None:
    hotline = with_orders()
    state, _ = _walk_to_the_last_queue(hotline)
    opened = advance(hotline, state, QueueLeft(QueueExit.NO_AGENTS))
    assert opened is not None
    assert opened[1] == OpenWorkOrder("data", "data", 4 * 3_600_000)
    assert advance(hotline, opened[0], KeyPressed("1")) is None
    ended = advance(hotline, opened[0], WorkOrderOpened())
    assert ended is not None
    assert isinstance(ended[1], Farewell)


def test_full_queue_without_that_way_out_goes_where_no_agents_goes() -> None:
    hotline = with_orders()
    state, _ = _walk_to_the_last_queue(hotline)
    ways = [advance(hotline, state, QueueLeft(each)) for each in QueueExit]
    by_exit = dict(zip(QueueExit, ways, strict=True))
    assert by_exit[QueueExit.FULL] == by_exit[QueueExit.NO_AGENTS]
    assert by_exit[QueueExit.FULL] != by_exit[QueueExit.TIMED_OUT]

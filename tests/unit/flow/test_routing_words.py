"""What authors are told who write routing otherwise than it is meant: the whole sentences."""

import pytest
from site_samples import GOOD, broken_site, codes_of, load, texts_of

from ivr.flow.durations import bound_text
from ivr.flow.problems import Code, ConfigProblem

pytestmark = pytest.mark.unit

DAY_MS = 24 * 3_600_000
HOTLINE = "10086/hotline.yaml"


def told(name: str, line: int) -> list[ConfigProblem]:
    return [each for each in load(broken_site(name).files).problems if each.place.line == line]


def with_prefer(prefer: str) -> list[ConfigProblem]:
    files = texts_of(GOOD)
    old = "queue: {name: data-expert, priority: 30s}"
    assert files[HOTLINE].count(old) == 1
    files[HOTLINE] = files[HOTLINE].replace(
        old, f"queue: {{name: data-expert, priority: 30s, prefer: {prefer}}}"
    )
    return list(load(files).problems)


def test_share_in_parts_is_no_whole_number() -> None:
    files = texts_of(GOOD)
    shared = "shared/queues.yaml"
    files[shared] = files[shared].replace("  general:\n", "  general:\n    share: 1.5\n")
    (problem,) = load(files).problems
    assert problem.code is Code.YAML_11_TRAP
    assert problem.message.startswith("The value of share is the unquoted 1.5")
    assert "from 1 to 100" in problem.remedy
    assert "double the shares of all queues" in problem.remedy


def codes_with(routing: str, *, share: str = "") -> list[str]:
    """What is told of the good site with these rules, a way for overloads, and this share."""
    files = texts_of(GOOD)
    files["site.yaml"] = files["site.yaml"].replace("tenant: main\n", f"tenant: main\n{routing}\n")
    old = "timed_out: anyone}"
    assert old in files[HOTLINE]
    files[HOTLINE] = files[HOTLINE].replace(old, "timed_out: anyone, overload: anyone}")
    shared = "shared/queues.yaml"
    files[shared] = files[shared].replace("  general:\n", f"  general:\n{share}")
    return codes_of(load(files))


@pytest.mark.parametrize(
    ("routing", "told"),
    [
        ("", ["queue-exit-useless"]),
        ("routing: {contacts: fair}", ["queue-exit-useless"]),
        ("routing: {waiting: 9}", []),
        ("routing: {waiting: many}", ["bad-number"]),
        ("routing: {waitng: 9}", ["unknown-key"]),
        ("routng: {waiting: 9}", ["unknown-key"]),
        ("routing: 9", ["wrong-type"]),
    ],
)
def test_way_for_overloads_needs_a_bound_and_a_slip_there_does_not_blame_it(
    routing: str, told: list[str]
) -> None:
    assert codes_with(routing) == told


@pytest.mark.parametrize(
    ("contacts", "told"),
    [("oldest", ["share-useless"]), ("fair", []), ("ratio", []), ("fare", ["unknown-word"])],
)
def test_share_needs_an_order_of_contacts_that_asks_for_it(contacts: str, told: list[str]) -> None:
    routing = f"routing: {{waiting: 9, contacts: {contacts}}}"
    assert codes_with(routing, share="    share: 2\n") == told


def test_agent_by_name_is_led_to_a_transfer() -> None:
    (problem,) = told("prefer_wrong", 38)
    assert problem.message == '"1002" is an agent, and `agent` is `last` or a text variable.'
    assert problem.remedy.endswith('`transfer: {agent: "1002"}`.')


def test_bare_last_is_led_to_its_whole_form() -> None:
    (problem,) = with_prefer("last")
    assert problem.message == '`prefer` is "last", and does not say for how long.'
    assert problem.remedy == "Write `prefer: {agent: last, for: 15s}`."


def test_what_is_neither_true_nor_false_is_told_what_it_is() -> None:
    (problem,) = told("queue_routing_wrong", 13)[:1]
    assert problem.message.endswith("; it is true or false.")


def test_bounds_of_days_are_told_in_days() -> None:
    (problem,) = with_prefer("{agent: last, for: 15s, within: 400d}")
    assert problem.remedy == "Choose a value from 1m to 90d."


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (90 * DAY_MS, "90d"),
        (2 * DAY_MS, "2d"),
        (DAY_MS, "24h"),
        (2 * DAY_MS + 3_600_000, "49h"),
        (0, "0ms"),
    ],
)
def test_bound_is_in_days_from_two_on(ms: int, text: str) -> None:
    assert bound_text(ms) == text


@pytest.mark.parametrize(("for_text", "is_useless"), [("299s", False), ("5m", True), ("6m", True)])
def test_waiting_for_one_agent_as_long_as_the_queue_is_warned_of(
    for_text: str, is_useless: bool
) -> None:
    codes = [each.code for each in with_prefer(f"{{agent: last, for: {for_text}}}")]
    assert codes == ([Code.PREFER_FOR_USELESS] if is_useless else [])

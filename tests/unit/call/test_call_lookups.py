"""Another system is asked for a caller: what she hears, when the flow goes on, and what is late."""

from dataclasses import replace

import pytest
from call_node import (
    ASK,
    C1,
    CALLER,
    EN,
    FAILED,
    L1,
    L2,
    LOOKUP_MS_MAX,
    P1,
    PARTY,
    SORRY,
    STOPPED,
    WELCOME,
    OneNode,
    node_in,
)

from ivr.call.contact import FAILED_PLAYBACK_GRACE_MS, PLAYBACK_MS_MAX
from ivr.call.effects import (
    PlayPrompts,
    ReleaseLeg,
    RequestLookup,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
)
from ivr.call.model import PlaybackId
from ivr.call.phases import Phase
from ivr.flow.model import (
    Flow,
    HangUp,
    Held,
    Hotline,
    Lookup,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    Retry,
    Send,
    Take,
)
from ivr.flow.services import LookupOutcome, Sent, SentAs, Wanted
from ivr.flow.values import VALUE_CHARS_MAX, Kind, Value, Variable

pytestmark = pytest.mark.unit

N = NodeName
FOUND, NOT_FOUND = LookupOutcome.FOUND, LookupOutcome.NOT_FOUND
P2 = PlaybackId(f"{CALLER}.p2")


def line(prompts: tuple[PromptKey, ...] = (), *, loses: bool = False) -> Hotline:
    """Asks for the caller's level and balance at once."""
    on = {FOUND: N("known"), NOT_FOUND: N("new"), LookupOutcome.FAILED: N("away")}
    if loses:
        on[LookupOutcome.LOST] = N("again")
    nodes: dict[NodeName, Node] = {
        N("customer"): Lookup(
            "customer",
            (
                Send("number", SentAs.CALLER),
                Send("account", SentAs.VALUE, Held("account", 0)),
            ),
            (
                Take("balance", Kind.INT, Held("balance", 2)),
                Take("level", Kind.TEXT, Held("level", 1)),
            ),
            on,
            prompts,
            LOOKUP_MS_MAX,
        ),
        N("known"): HangUp((), reason="known"),
        N("new"): HangUp((), reason="new"),
        N("away"): HangUp((), reason="away"),
        N("again"): Play((SORRY,), N("menu")),
        N("menu"): Menu(
            (ASK,), {"1": N("customer")}, 5_000, Retry(0, N("away")), Retry(0, N("new"))
        ),
    }
    variables = (
        Variable("account", Kind.TEXT, "4711"),
        Variable("level", Kind.TEXT, "none", ("none", "gold")),
        Variable("balance", Kind.INT, 0),
    )
    flow = Flow("main", N("customer"), nodes, variables)
    return Hotline("10086", ("10086",), (EN,), "Asia/Shanghai", flow)


def asking(hotline: Hotline | None = None) -> OneNode:
    """The system is asked since 1 100."""
    node = OneNode(hotline or line())
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    assert node.phase is Phase.LOOKING_UP
    return node


def reason(node: OneNode) -> str:
    assert node.of(ReleaseLeg)
    return node.contact.reason


def values(node: OneNode) -> tuple[Value, ...]:
    assert node.contact.flow is not None
    return node.contact.flow.values


def test_question_names_the_service_and_refers_to_the_caller() -> None:
    node = asking()
    sends = (Sent("number", SentAs.CALLER, PARTY), Sent("account", SentAs.VALUE, "4711"))
    wants = (Wanted("balance", Kind.INT), Wanted("level", Kind.TEXT))
    asked = RequestLookup(C1, L1, "customer", sends, wants)
    assert list(node.last) == [StartHoldMusic(CALLER), asked]


def test_answer_fills_the_variables_and_ends_the_music() -> None:
    node = asking()
    node.looked_up(L1, FOUND, (12, "gold"), 1_500)
    assert reason(node) == "known"
    assert values(node) == ("4711", "gold", 12)
    assert node.of(StopHoldMusic) == [StopHoldMusic(CALLER)]


@pytest.mark.parametrize(
    ("outcome", "way"),
    [(NOT_FOUND, "new"), (LookupOutcome.FAILED, "away"), (LookupOutcome.LOST, "away")],
)
def test_other_outcomes_go_their_ways_and_change_nothing(outcome: LookupOutcome, way: str) -> None:
    node = asking()
    node.looked_up(L1, outcome, (), 1_500)
    assert reason(node) == way
    assert values(node) == ("4711", "none", 0)


def test_lost_secret_has_a_way_of_its_own_where_there_is_one() -> None:
    node = asking(line(loses=True))
    node.looked_up(L1, LookupOutcome.LOST, (), 1_500)
    assert node.of(PlayPrompts) == [PlayPrompts(CALLER, P1, (SORRY,), EN)]


@pytest.mark.parametrize(
    "answer",
    [
        (),
        (12,),
        (12, "gold", 1),
        ("12", "gold"),
        (True, "gold"),
        (2**63, "gold"),
        (12, "platinum"),
        (12, "g" * (VALUE_CHARS_MAX + 1)),
    ],
)
def test_answer_that_no_variable_can_hold_counts_as_failed(answer: tuple[Value, ...]) -> None:
    node = asking()
    node.looked_up(L1, FOUND, answer, 1_500)
    assert reason(node) == "away"
    assert values(node) == ("4711", "none", 0)
    assert node.contact.flow is not None
    assert node.contact.flow.faults == 1


def test_no_answer_in_time_counts_as_failed_and_what_comes_later_is_late() -> None:
    node = asking()
    assert node.core.next_deadline() == 1_100 + LOOKUP_MS_MAX
    node.tick(1_100 + LOOKUP_MS_MAX)
    assert reason(node) == "away"
    before = node.snapshot()
    assert list(node.looked_up(L1, FOUND, (12, "gold"), 7_000)) == []
    assert node.snapshot() == before
    assert node.core.ignored["leaving/LookupAnswered"] == 1


def test_answer_to_another_question_or_given_twice_changes_nothing() -> None:
    node = asking(line((WELCOME,)))
    before = node.snapshot()
    assert list(node.looked_up(L2, FOUND, (12, "gold"), 1_200)) == []
    assert node.snapshot() == before
    node.looked_up(L1, NOT_FOUND, (), 1_300)
    before = node.snapshot()
    assert list(node.looked_up(L1, FOUND, (12, "gold"), 1_400)) == []
    assert node.snapshot() == before
    assert node.core.ignored["looking_up/late LookupAnswered"] == 2


def test_each_question_has_an_id_of_its_own() -> None:
    node = asking(line(loses=True))
    node.looked_up(L1, LookupOutcome.LOST, (), 1_500)
    node.played(P1, 2_000)
    node.press("1", 2_500)
    (asked,) = node.of(RequestLookup)
    assert asked.lookup == L2


def test_prompt_is_heard_out_though_the_answer_is_there() -> None:
    node = asking(line((WELCOME,)))
    assert node.of(PlayPrompts) == [PlayPrompts(CALLER, P1, (WELCOME,), EN)]
    assert list(node.looked_up(L1, FOUND, (12, "gold"), 1_500)) == []
    assert node.core.next_deadline() == 1_500 + PLAYBACK_MS_MAX
    node.played(P1, 3_000)
    assert (reason(node), node.of(StartHoldMusic)) == ("known", [])


def test_music_follows_the_prompt_till_the_answer_comes() -> None:
    node = asking(line((WELCOME,)))
    assert list(node.played(P1, 3_000)) == [StartHoldMusic(CALLER)]
    assert node.core.next_deadline() == 1_100 + LOOKUP_MS_MAX
    node.looked_up(L1, FOUND, (12, "gold"), 4_000)
    assert reason(node) == "known"


def test_time_runs_out_under_a_long_prompt_which_is_heard_out() -> None:
    node = asking(line((WELCOME,)))
    assert list(node.tick(1_100 + LOOKUP_MS_MAX)) == []
    assert list(node.looked_up(L1, FOUND, (12, "gold"), 7_000)) == []
    node.played(P1, 8_000)
    assert reason(node) == "away"


def test_prompt_that_never_ends_holds_nobody_for_ever() -> None:
    node = asking(line((WELCOME,)))
    node.looked_up(L1, FOUND, (12, "gold"), 1_500)
    node.tick(1_500 + PLAYBACK_MS_MAX)
    assert reason(node) == "known"
    assert node.of(StopPlayback) == [StopPlayback(CALLER, P1)]


def test_key_cuts_the_prompt_and_music_plays_while_the_answer_is_awaited() -> None:
    node = asking(line((WELCOME,)))
    assert list(node.press("1", 1_300)) == [StopPlayback(CALLER, P1), StartHoldMusic(CALLER)]
    assert list(node.played(P1, 1_350, STOPPED)) == []
    node.looked_up(L1, FOUND, (12, "gold"), 2_000)
    assert reason(node) == "known"


def test_key_cuts_the_prompt_for_an_answer_that_is_there() -> None:
    node = asking(line((WELCOME,)))
    node.looked_up(L1, FOUND, (12, "gold"), 1_500)
    node.press("1", 1_600)
    assert reason(node) == "known"
    assert node.of(StopPlayback) == [StopPlayback(CALLER, P1)]


def test_key_pressed_meanwhile_answers_the_next_menu() -> None:
    hotline = line(loses=True)
    nodes = {**hotline.flow.nodes, N("again"): replace_to_menu(hotline)}
    node = asking(replace(hotline, flow=replace(hotline.flow, nodes=nodes)))
    node.press("1", 1_300)
    node.looked_up(L1, LookupOutcome.LOST, (), 1_500)
    (asked,) = node.of(RequestLookup)
    assert asked.lookup == L2


def replace_to_menu(hotline: Hotline) -> Node:
    return hotline.flow.nodes[N("menu")]


def test_failed_prompt_gives_a_hang_up_time_to_show() -> None:
    node = asking(line((WELCOME,)))
    node.looked_up(L1, FOUND, (12, "gold"), 1_500)
    assert list(node.played(P1, 1_600, FAILED)) == []
    assert node.core.next_deadline() == 1_600 + FAILED_PLAYBACK_GRACE_MS
    node.tick(1_600 + FAILED_PLAYBACK_GRACE_MS)
    assert reason(node) == "known"


def test_caller_who_hangs_up_leaves_a_whole_record() -> None:
    node = asking()
    node.ended(CALLER, 2_000)
    (record,) = node.records
    assert (record.reason, record.nodes) == ("caller_hung_up", ("customer",))
    assert list(node.looked_up(L1, FOUND, (12, "gold"), 2_100)) == []
    assert node.core.ignored["absent/LookupAnswered"] == 1


@pytest.mark.parametrize("has_prompt", [False, True])
def test_restart_amid_a_question_goes_on_as_before(has_prompt: bool) -> None:
    node = asking(line((WELCOME,) if has_prompt else ()))
    if has_prompt:
        node.looked_up(L1, FOUND, (12, "gold"), 1_500)
        node.restart()
        node.played(P1, 2_000)
    else:
        node.restart()
        node.looked_up(L1, FOUND, (12, "gold"), 1_500)
    assert reason(node) == "known"


def test_fresh_phase_has_a_deadline_and_music() -> None:
    node = node_in(Phase.LOOKING_UP)
    assert node.contact.holding
    assert node.core.next_deadline() == 4_000 + LOOKUP_MS_MAX

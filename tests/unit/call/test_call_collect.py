"""A caller keys in digits: heard out or cut short, key by key, with every way it can end."""

from dataclasses import replace

import pytest
from call_node import ASK, CALLER, EN, P1, P2, SORRY, STOPPED, OneNode

from ivr.call.contact import FAILED_PLAYBACK_GRACE_MS
from ivr.call.effects import PlayPrompts, ReleaseLeg, StopPlayback
from ivr.call.model import PlaybackOutcome
from ivr.call.phases import Phase
from ivr.flow.collecting import TERMINATOR_MS, DigitRules
from ivr.flow.model import Collect, Flow, HangUp, Held, Hotline, NodeName, Retry
from ivr.flow.values import Kind, Variable

pytestmark = pytest.mark.unit

FIRST_MS, BETWEEN_MS = 5_000, 2_000
N = NodeName
DIGITS_4_TO_6 = DigitRules(4, 6)


def line(rules: DigitRules = DIGITS_4_TO_6, *, barge_in: bool = True) -> Hotline:
    """Asks for digits at once; silence and errors are asked about once more each."""
    nodes = {
        N("account"): Collect(
            prompts=(ASK,),
            rules=rules,
            into=Held("account", 0),
            next=N("right"),
            noinput_after_ms=FIRST_MS,
            between_digits_ms=BETWEEN_MS,
            noinput=Retry(1, N("silent")),
            nomatch=Retry(1, N("wrong"), prompts=(SORRY,)),
            barge_in=barge_in,
        ),
        N("right"): HangUp((), reason="right"),
        N("silent"): HangUp((), reason="silent"),
        N("wrong"): HangUp((), reason="wrong"),
    }
    flow = Flow("main", N("account"), nodes, (Variable("account", Kind.TEXT, ""),))
    return Hotline("10086", ("10086",), (EN,), "Asia/Shanghai", flow)


def asked(hotline: Hotline | None = None) -> OneNode:
    """Hearing the question since 1 100."""
    node = OneNode(hotline or line())
    node.arrive(1_000)
    assert list(node.answered(CALLER, 1_100)) == [PlayPrompts(CALLER, P1, (ASK,), EN)]
    return node


def heard(hotline: Hotline | None = None) -> OneNode:
    """Asked, and silent since 3 000."""
    node = asked(hotline)
    node.played(P1, 3_000)
    assert node.core.next_deadline() == 3_000 + FIRST_MS
    return node


def ended(node: OneNode) -> str:
    """How the flow says that it ended."""
    assert any(isinstance(effect, ReleaseLeg) for effect in node.last)
    return node.contact.reason


def entered(node: OneNode) -> object:
    assert node.contact.flow is not None
    return node.contact.flow.values[0]


def test_digits_and_terminator_are_remembered() -> None:
    node = heard()
    node.keyed("12345#", 4_000)
    assert (ended(node), entered(node)) == ("right", "12345")


def test_first_key_cuts_the_question_and_counts() -> None:
    node = asked()
    assert list(node.press("1", 2_000)) == [StopPlayback(CALLER, P1)]
    assert node.phase is Phase.LISTENING
    assert node.core.next_deadline() == 2_000 + BETWEEN_MS
    node.played(P1, 2_050, STOPPED)
    assert node.phase is Phase.LISTENING
    node.keyed("234#", 2_100)
    assert (ended(node), entered(node)) == ("right", "1234")


def test_keys_into_a_question_without_barge_in_are_nothing() -> None:
    node = asked(line(barge_in=False))
    assert list(node.press("1", 2_000)) == []
    node.played(P1, 3_000)
    node.keyed("2345#", 3_100)
    assert entered(node) == "2345"


def test_each_key_gives_time_for_the_next_and_silence_ends_the_entry() -> None:
    node = heard()
    last = node.keyed("1234", 4_000) - 100
    assert node.core.next_deadline() == last + BETWEEN_MS
    node.tick(last + BETWEEN_MS)
    assert (ended(node), entered(node)) == ("right", "1234")


def test_full_entry_waits_a_moment_for_its_terminator() -> None:
    node = heard()
    last = node.keyed("123456", 4_000) - 100
    assert node.core.next_deadline() == last + TERMINATOR_MS
    node.keyed("#", last + 500)
    assert (ended(node), entered(node)) == ("right", "123456")


def test_full_entry_without_terminator_goes_on_at_once() -> None:
    node = heard(line(DigitRules(4, 4, None)))
    node.keyed("1234", 4_000)
    assert (ended(node), entered(node)) == ("right", "1234")


def test_silence_asks_again_then_takes_its_exit() -> None:
    node = heard()
    assert list(node.tick(8_000)) == [PlayPrompts(CALLER, P2, (ASK,), EN)]
    node.played(P2, 10_000)
    node.tick(15_000)
    assert ended(node) == "silent"


@pytest.mark.parametrize("keys", ["123#", "#", "12*", "12A", "1234567"])
def test_wrong_entry_asks_again_with_its_own_words_and_forgets_what_was_keyed(keys: str) -> None:
    node = heard()
    node.keyed(keys, 4_000)
    assert list(node.last) == [PlayPrompts(CALLER, P2, (SORRY, ASK), EN)]
    node.played(P2, 6_000)
    node.keyed("9876#", 6_100)
    assert (ended(node), entered(node)) == ("right", "9876")


def test_second_wrong_entry_takes_its_exit_and_leaves_the_variable() -> None:
    node = heard()
    node.keyed("1#", 4_000)
    node.played(P2, 6_000)
    node.keyed("1#", 6_100)
    assert (ended(node), entered(node)) == ("wrong", "")


def test_question_that_could_not_be_played_still_takes_digits() -> None:
    node = asked()
    node.played(P1, 1_200, PlaybackOutcome.FAILED)
    node.tick(1_200 + FAILED_PLAYBACK_GRACE_MS)
    assert node.phase is Phase.LISTENING
    node.keyed("1234#", 2_000)
    assert ended(node) == "right"


def test_digits_of_an_entry_are_in_no_effect() -> None:
    node = heard()
    node.keyed("12345#", 4_000)
    assert "12345" not in repr(node.last)


def test_number_is_remembered_as_a_number() -> None:
    asking = line()
    collect = asking.flow.nodes[N("account")]
    assert isinstance(collect, Collect)
    nodes = {**asking.flow.nodes, N("account"): replace(collect, is_number=True)}
    node = heard(replace(asking, flow=replace(asking.flow, nodes=nodes)))
    node.keyed("0042#", 4_000)
    assert entered(node) == 42

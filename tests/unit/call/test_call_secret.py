"""A caller keys in a secret: the core asks, retries and goes on, and never sees a digit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from call_node import (
    AGENT_LEG,
    ANN,
    ASK,
    C1,
    CALLER,
    DATA,
    EN,
    P1,
    P2,
    P3,
    PARTY,
    SORRY,
    STOPPED,
    TO_ANN,
    WELCOME,
    OneNode,
)

from ivr.call.contact import FAILED_PLAYBACK_GRACE_MS
from ivr.call.effects import (
    CallEffect,
    LiftShield,
    PlayPrompts,
    QueueContact,
    ReleaseLeg,
    ShieldKeys,
    StopPlayback,
)
from ivr.call.events import (
    CallArrived,
    CallEvent,
    ContactOverflowed,
    DigitReceived,
    KeyHidden,
    LegsBridged,
    TransferOrder,
    TransferRequested,
)
from ivr.call.model import BridgeId, PlaybackOutcome, Shielding
from ivr.call.phases import Phase
from ivr.call.vault import QUIET_MS, Vault
from ivr.flow.collecting import TERMINATOR_MS, DigitRules
from ivr.flow.model import (
    Collect,
    EnterQueue,
    Flow,
    HangUp,
    Held,
    Hotline,
    Menu,
    NodeName,
    Play,
    QueueExit,
    Retry,
)
from ivr.flow.secrets import with_hushed
from ivr.flow.values import Kind, SecretRef, Variable
from router.model import OverflowCause, RequestId

pytestmark = pytest.mark.unit

FIRST_MS, BETWEEN_MS = 5_000, 2_000
N = NodeName
RULES = DigitRules(4, 6)
S1, S2 = SecretRef(f"{C1}.s1"), SecretRef(f"{C1}.s2")
DROPS = ShieldKeys(CALLER, SecretRef(""), None)
FADES = LiftShield(CALLER, at_once=False)
PIN = "739104"


def line(rules: DigitRules = RULES, *, barge_in: bool = True, start: str = "pin") -> Hotline:
    """``intro`` leads to the PIN, that to thanks, those to a menu, and 1 of it to a queue."""
    retry = Retry(0, N("bye"))
    nodes = {
        N("intro"): Play((WELCOME,), N("pin")),
        N("pin"): Collect(
            prompts=(ASK,),
            rules=rules,
            into=Held("pin", 0),
            next=N("thanks"),
            noinput_after_ms=FIRST_MS,
            between_digits_ms=BETWEEN_MS,
            noinput=Retry(1, N("bye")),
            nomatch=Retry(1, N("wrong"), prompts=(SORRY,)),
            barge_in=barge_in,
            sensitive=True,
        ),
        N("thanks"): Play((WELCOME,), N("menu")),
        N("menu"): Menu((ASK,), {"1": N("seats"), "5": N("pin")}, 4_000, retry, retry),
        N("seats"): EnterQueue(
            "data", 0, {QueueExit.NO_AGENTS: N("bye"), QueueExit.TIMED_OUT: N("pin")}
        ),
        N("bye"): HangUp((), reason="bye"),
        N("wrong"): HangUp((SORRY,), reason="wrong"),
    }
    flow = Flow("main", N(start), nodes, (Variable("pin", Kind.SECRET, SecretRef("")),))
    return Hotline("10086", ("10086",), (EN,), "Asia/Shanghai", with_hushed(flow))


class Shielded(OneNode):
    """A node behind a vault, as the runtime puts it there."""

    def __init__(self, hotline: Hotline) -> None:
        super().__init__(hotline)
        self.vault = Vault()
        self.seen: list[CallEvent] = []

    def give(self, event: CallEvent, at: int | None = None) -> Sequence[CallEffect]:
        now = self.at if at is None else at
        entered = self.vault.taken(event, now)
        self.seen.append(entered)
        effects = super().give(entered, at)
        self.vault.heed(effects, now)
        return effects

    @property
    def value(self) -> object:
        assert self.contact.flow is not None
        return self.contact.flow.values[0]


def answered(hotline: Hotline | None = None) -> Shielded:
    node = Shielded(hotline or line())
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    return node


def listening(hotline: Hotline | None = None) -> Shielded:
    """The question was heard out at 3 000."""
    node = answered(hotline)
    node.played(P1, 3_000)
    assert node.phase is Phase.LISTENING
    return node


def test_keys_are_shielded_before_the_question_is_played() -> None:
    node = answered()
    assert list(node.last) == [
        ShieldKeys(CALLER, S1, RULES),
        PlayPrompts(CALLER, P1, (ASK,), EN),
    ]


def test_digits_and_terminator_leave_a_reference_and_no_digit() -> None:
    node = listening()
    node.keyed(PIN + "#", 4_000)
    assert node.value == S1
    assert node.vault.reveal(S1, 5_000) == PIN
    assert not any(isinstance(each, DigitReceived) for each in node.seen)
    assert list(node.last) == [DROPS, PlayPrompts(CALLER, P2, (WELCOME,), EN)]


def test_first_key_cuts_the_question_and_counts() -> None:
    node = answered()
    assert list(node.press("7", 2_000)) == [StopPlayback(CALLER, P1)]
    assert node.core.next_deadline() == 2_000 + BETWEEN_MS
    node.played(P1, 2_050, STOPPED)
    node.keyed("391#", 2_100)
    assert node.vault.reveal(S1, 3_000) == "7391"


def test_question_without_barge_in_is_heard_out_and_takes_keys_only_then() -> None:
    node = answered(line(barge_in=False))
    assert node.last[0] == DROPS
    assert list(node.press("7", 2_000)) == []
    node.played(P1, 3_000)
    assert list(node.last) == [ShieldKeys(CALLER, S1, RULES)]
    node.keyed("3910#", 3_100)
    assert node.vault.reveal(S1, 5_000) == "3910"


def test_silence_ends_a_right_entry_without_asking_the_vault() -> None:
    node = listening()
    last = node.keyed("7391", 4_000) - 100
    assert node.core.next_deadline() == last + BETWEEN_MS
    node.tick(last + BETWEEN_MS)
    assert node.value == S1
    assert node.vault.reveal(S1, 9_000) == "7391"


def test_full_entry_waits_a_moment_for_its_terminator() -> None:
    node = listening()
    last = node.keyed(PIN, 4_000) - 100
    assert node.core.next_deadline() == last + TERMINATOR_MS


@pytest.mark.parametrize("keys", ["739#", "#", "739A", "73*"])
def test_wrong_entry_asks_again_for_a_new_secret(keys: str) -> None:
    node = listening()
    node.keyed(keys, 4_000)
    again = [ShieldKeys(CALLER, S2, RULES), PlayPrompts(CALLER, P2, (SORRY, ASK), EN)]
    assert list(node.last) == again
    node.played(P2, 6_000)
    node.keyed("8246#", 6_100)
    assert node.value == S2
    assert node.vault.reveal(S1, 7_000) is None
    assert node.vault.reveal(S2, 7_000) == "8246"


def test_too_few_digits_and_silence_are_a_nomatch() -> None:
    node = listening()
    last = node.keyed("739", 4_000) - 100
    node.tick(last + BETWEEN_MS)
    assert node.of(PlayPrompts) == [PlayPrompts(CALLER, P2, (SORRY, ASK), EN)]


def test_second_wrong_entry_takes_its_exit_and_leaves_the_variable() -> None:
    node = listening()
    node.keyed("1#", 4_000)
    node.played(P2, 6_000)
    node.keyed("1#", 6_100)
    assert node.contact.reason == "wrong"
    assert node.value == ""
    assert node.contact.shielding is Shielding.DROPS


def test_silence_alone_asks_again_then_takes_its_exit() -> None:
    node = listening()
    node.tick(8_000)
    assert node.of(PlayPrompts) == [PlayPrompts(CALLER, P2, (ASK,), EN)]
    node.played(P2, 10_000)
    node.tick(15_000)
    assert node.of(ReleaseLeg) != []


def test_key_into_the_prompt_that_leads_there_cuts_it_and_is_kept_nowhere() -> None:
    node = answered(line(start="intro"))
    assert list(node.last) == [DROPS, PlayPrompts(CALLER, P1, (WELCOME,), EN)]
    assert list(node.press("7", 1_500)) == [StopPlayback(CALLER, P1)]
    assert node.seen[-1] == KeyHidden(CALLER)
    assert list(node.contact.keys) == []
    node.played(P1, 1_600, STOPPED)
    assert node.last[0] == ShieldKeys(CALLER, S1, RULES)


def test_keys_from_before_are_no_part_of_a_secret() -> None:
    node = answered(line(start="thanks"))
    node.keyed("57391", 1_200)
    node.played(P1, 1_300, STOPPED)
    assert list(node.contact.keys) == []
    node.played(P2, 3_000)
    node.keyed("8246#", 3_100)
    assert node.vault.reveal(S1, 4_000) == "8246"


def test_digit_too_many_is_hidden_till_something_else_is_asked_for() -> None:
    node = listening()
    at = node.keyed(PIN + "#5", 4_000)
    assert node.seen[-1] == KeyHidden(CALLER)
    node.played(P2, at, STOPPED)
    assert node.last[0] == FADES
    node.press("9", at + 100)
    assert node.seen[-1] == KeyHidden(CALLER)
    assert list(node.last) == []
    node.press("1", at + 100 + QUIET_MS)
    assert node.seen[-1] == DigitReceived(CALLER, "1")
    assert node.of(QueueContact) != []


def test_menu_that_was_heard_sees_its_answer_at_once() -> None:
    node = listening()
    at = node.keyed(PIN + "#5", 4_000)
    node.played(P2, at, STOPPED)
    node.played(P3, at + 100)
    assert list(node.last) == [LiftShield(CALLER, at_once=True)]
    assert node.contact.shielding is Shielding.OPEN
    node.press("1", at + 200)
    assert node.of(QueueContact) != []


def test_menu_whose_prompt_failed_was_not_heard() -> None:
    node = listening()
    at = node.keyed(PIN + "#5", 4_000)
    node.played(P2, at, STOPPED)
    node.played(P3, at + 10, PlaybackOutcome.FAILED)
    node.tick(at + 10 + FAILED_PLAYBACK_GRACE_MS)
    assert node.phase is Phase.LISTENING
    assert node.contact.shielding is Shielding.FADES
    node.press("1", at + 600)
    assert node.seen[-1] == KeyHidden(CALLER)


def refused(keys: Mapping[str, NodeName]) -> Shielded:
    """Twice a wrong entry, which leads to a queue with these keys, at 10 000."""
    hotline = line()
    nodes = dict(hotline.flow.nodes)
    seats = nodes[N("seats")]
    assert isinstance(seats, EnterQueue)
    nodes[N("seats")] = replace(seats, keys=keys)
    pin = nodes[N("pin")]
    assert isinstance(pin, Collect)
    nodes[N("pin")] = replace(pin, nomatch=Retry(0, N("seats")))
    node = listening(replace(hotline, flow=with_hushed(replace(hotline.flow, nodes=nodes))))
    node.keyed("1#", 9_900)
    assert node.phase is Phase.WAITING
    return node


def test_refused_pin_keyed_again_in_a_queue_without_keys_is_hidden() -> None:
    node = refused({})
    node.keyed(PIN, 30_000)
    assert set(node.seen[-6:]) == {KeyHidden(CALLER)}


def test_refused_pin_keyed_again_in_a_queue_with_keys_is_hidden_for_a_while() -> None:
    node = refused({"7": N("bye")})
    assert FADES in list(node.last)
    node.keyed(PIN, 10_100)
    assert set(node.seen[-6:]) == {KeyHidden(CALLER)}
    node.press("7", 30_000)
    assert node.seen[-1] == DigitReceived(CALLER, "7")
    assert node.contact.reason == "bye"


def test_caller_taken_in_is_hidden_till_a_question_was_heard() -> None:
    node = Shielded(line(start="menu"))
    node.give(CallArrived(C1, CALLER, "10086", PARTY, taken_in=True), 1_000)
    node.answered(CALLER, 1_100)
    assert node.last[0] == FADES
    node.keyed(PIN, 1_200)
    node.played(P1, 3_000)
    assert not any(isinstance(each, DigitReceived) for each in node.seen)
    node.press("1", 3_100)
    assert node.of(QueueContact) != []


def test_plain_digit_that_slips_through_is_ignored_and_counted() -> None:
    node = listening()
    before = node.snapshot()
    assert list(node.core.handle(DigitReceived(CALLER, "7"), 4_000, wall=0)) == []
    assert node.snapshot() == before
    assert node.core.ignored == {"takes/DigitReceived": 1}


def test_key_told_twice_counts_once() -> None:
    node = listening()
    node.press("7", 4_000)
    before = node.snapshot()
    assert list(node.core.handle(node.seen[-1], 4_500, wall=0)) == []
    assert node.snapshot() == before
    assert node.core.ignored == {"takes/SecretKeyed": 1}


def test_key_of_an_earlier_attempt_is_late() -> None:
    node = listening()
    node.press("7", 4_000)
    late = node.seen[-1]
    node.press("#", 4_100)
    before = node.snapshot()
    assert list(node.core.handle(late, 4_500, wall=0)) == []
    assert node.snapshot() == before


def test_core_written_down_in_the_middle_of_an_entry_goes_on_with_it() -> None:
    node = listening()
    node.keyed("739", 4_000)
    node.restart()
    node.keyed("104#", 4_300)
    assert node.value == S1
    assert node.vault.reveal(S1, 6_000) == PIN


def test_ended_contact_leaves_no_secret_behind() -> None:
    node = listening()
    node.keyed(PIN + "#", 4_000)
    assert len(node.vault) == 1
    node.ended(CALLER, 6_000)
    assert len(node.vault) == 0
    assert node.vault.shields(CALLER, 6_000)


def test_pin_keyed_again_stays_hidden_through_every_transfer() -> None:
    node = refused({"1": N("bye")})
    node.offered(at=21_000)
    node.answered(AGENT_LEG, 22_000)
    playing = set(node.contact.playbacks)
    for playback in sorted(playing):
        node.played(playback, 22_001, STOPPED)
    node.bridged(at=22_100)
    assert node.phase is Phase.CONNECTED
    orders = (
        TransferRequested(RequestId("r1"), ANN, TransferOrder.CONSULT, DATA),
        TransferRequested(RequestId("r2"), ANN, TransferOrder.CANCEL),
        LegsBridged(BridgeId("main:c1.b2"), CALLER),
        TransferRequested(RequestId("r3"), ANN, TransferOrder.BLIND, DATA),
        ContactOverflowed(C1, DATA, OverflowCause.NO_AGENTS),
        ContactOverflowed(C1, TO_ANN, OverflowCause.NO_AGENTS),
    )
    at = 30_000
    node.seen.clear()
    for order in orders:
        node.give(order, at)
        at = node.keyed(PIN, at + 3_000) + 3_000
    assert node.phase is Phase.SPEAKING
    assert not any(isinstance(each, DigitReceived) for each in node.seen)

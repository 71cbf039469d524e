"""What an agent keys in her talk: orders, slips, and keys of others that mean nothing."""

import pytest
from call_node import AGENT_LEG, B1, CALLER, DATA, EN, EXPERTS, TO_BOB
from transfer_node import B2, B3, BOB_LEG, T1, TalkNode, consulting, talking
from transfer_node import TOLD as TOLD_OF

from ivr.call.effects import (
    AnswerTransfer,
    BridgeLegs,
    DestroyBridge,
    PlayPrompts,
    QueueContact,
    StartHoldMusic,
    StopHoldMusic,
    TransferAnswer,
)
from ivr.call.offers import TOLD_MS_MAX
from ivr.call.phases import Phase
from ivr.call.record import TRANSFERS_MAX
from ivr.call.talk_keys import BETWEEN_KEYS_MS, TOLD, TYPED_MAX
from ivr.call.transfer_state import Stage
from ivr.flow.site import DeskTransfers, TalkKeys, TransferTarget
from router.model import QueueId

pytestmark = pytest.mark.unit


def asked_for(node: TalkNode) -> QueueId | None:
    """Whom the last key looked for, if it did."""
    queued = node.of(QueueContact)
    return queued[0].queue if queued else None


@pytest.mark.parametrize(
    ("keys", "phase", "queue"),
    [
        ("*21#", Phase.CONSULTING, DATA),
        ("*22#", Phase.CONSULTING, EXPERTS),
        ("*2101#", Phase.CONSULTING, TO_BOB),
        ("*32#", Phase.WAITING, EXPERTS),
    ],
)
def test_order_and_target_are_carried_out_with_the_last_key(
    keys: str, phase: Phase, queue: QueueId
) -> None:
    node = talking()
    node.keyed_by(keys[:-1])
    assert node.phase is Phase.CONNECTED
    node.keyed_by(keys[-1], at=9_000)
    assert (node.phase, asked_for(node)) == (phase, queue)
    assert node.of(AnswerTransfer) == []
    assert node.contact.typed is None


@pytest.mark.parametrize(("keys", "phase"), [("*4", Phase.WAITING), ("*1", Phase.JOINING)])
def test_consultation_is_completed_or_cancelled_without_a_target(keys: str, phase: Phase) -> None:
    node = consulting(Stage.SEEKING)
    node.keyed_by(keys, at=9_000)
    assert node.phase is phase


@pytest.mark.parametrize("keys", ["7", "#", "*", "*9", "*2", "*2**", "*4", "*1", "22#", "**#"])
def test_keys_that_say_nothing_leave_the_talk_as_it_is(keys: str) -> None:
    node = talking()
    for number, key in enumerate(keys):
        node.press(key, 8_000 + number, AGENT_LEG)
        assert list(node.last) == []
    assert node.phase is Phase.CONNECTED


@pytest.mark.parametrize("keys", ["*29#", "*2#", "*39#"])
def test_agent_hears_that_there_is_no_such_target_and_talks_on(keys: str) -> None:
    node = talking()
    node.keyed_by(keys)
    told = TOLD[TransferAnswer.NO_SUCH_TARGET]
    assert list(node.last) == [
        DestroyBridge(B1, CALLER),
        StartHoldMusic(CALLER),
        PlayPrompts(AGENT_LEG, TOLD_OF, (told,), EN),
    ]
    assert node.contact.transfers == ()
    node.was_told(at=10_000)
    assert list(node.last) == [StopHoldMusic(CALLER), BridgeLegs(B2, (CALLER, AGENT_LEG))]
    node.joined(B2, at=10_100)
    assert node.phase is Phase.CONNECTED
    node.keyed_by("*22#", at=11_000)
    assert asked_for(node) == EXPERTS


def test_agent_who_has_transferred_too_often_hears_that_it_cannot_be_done() -> None:
    node = talking()
    node.contact.transfers_made = TRANSFERS_MAX
    node.keyed_by("*22#")
    (said,) = node.of(PlayPrompts)
    assert (said.leg, said.prompts) == (AGENT_LEG, (TOLD[TransferAnswer.TOO_MANY],))


def test_lost_end_of_what_the_agent_hears_keeps_no_caller_on_hold() -> None:
    node = talking()
    node.keyed_by("*29#", at=8_000)
    node.tick(8_300 + TOLD_MS_MAX)
    assert node.of(BridgeLegs) == [BridgeLegs(B2, (CALLER, AGENT_LEG))]


def test_wrong_target_while_an_expert_is_asked_changes_nothing() -> None:
    node = consulting(Stage.SEEKING)
    node.keyed_by("*29#", at=9_000)
    assert (list(node.last), node.stage) == ([], Stage.SEEKING)


def test_what_the_agent_hears_is_among_what_a_killed_engine_may_leave_playing() -> None:
    node = talking()
    unwritten = node.core.left_playing()
    node.keyed_by("*29#")
    (said,) = node.of(PlayPrompts)
    assert said.playback in unwritten
    assert said.playback in node.core.left_playing()


@pytest.mark.parametrize("slip", ["7", "*", "*9", "*2*", "*5*", "*3**"])
def test_order_after_a_slip_is_understood(slip: str) -> None:
    node = talking()
    node.keyed_by(slip)
    node.keyed_by("*22#", at=9_000)
    assert asked_for(node) == EXPERTS


def test_keys_that_come_too_slowly_are_two_beginnings() -> None:
    node = talking()
    node.keyed_by("*2", at=8_000)
    node.keyed_by("2#", at=8_100 + BETWEEN_KEYS_MS)
    assert (node.phase, asked_for(node)) == (Phase.CONNECTED, None)
    node.keyed_by("*2", at=20_000)
    node.keyed_by("2#", at=20_099 + BETWEEN_KEYS_MS)
    assert asked_for(node) == EXPERTS


def test_what_is_keyed_is_kept_within_its_bound() -> None:
    node = talking()
    node.keyed_by("*2" + "1" * 60, at=8_000)
    typed = node.contact.typed
    assert typed is None or len(typed.keys) <= TYPED_MAX


def test_keys_of_the_caller_never_transfer_her() -> None:
    node = talking()
    node.keyed_by("*22#*32#", CALLER)
    assert node.phase is Phase.CONNECTED
    assert node.contact.typed is None
    assert node.core.ignored["connected/DigitReceived"] == 8


def test_keys_of_an_expert_who_is_asked_do_nothing_till_the_caller_is_hers() -> None:
    node = consulting(Stage.TALKING)
    node.keyed_by("*4*1", BOB_LEG, 13_000)
    assert node.stage is Stage.TALKING
    node.keyed_by("*4", at=14_000)
    node.joined(B3, at=15_000)
    node.keyed_by("*31#", BOB_LEG, 16_000)
    assert (node.phase, asked_for(node)) == (Phase.WAITING, DATA)


def test_site_without_transfers_hears_no_key_of_an_agent() -> None:
    node = talking()
    node.put_desk(None)
    node.keyed_by("*22#")
    assert node.phase is Phase.CONNECTED
    assert node.contact.typed is None
    assert node.core.ignored["connected/DigitReceived"] == 4


def test_keys_of_the_site_are_those_of_today() -> None:
    node = talking()
    keys = TalkKeys(consult="*77", blind="*88", complete="*99", cancel="*0")
    node.put_desk(DeskTransfers(keys, {"5": TransferTarget("data")}))
    node.keyed_by("*22#")
    assert node.phase is Phase.CONNECTED
    node.keyed_by("*775#", at=9_000)
    assert asked_for(node) == DATA


def test_half_an_order_is_not_gone_on_with_by_the_next_agent() -> None:
    node = talking()
    node.keyed_by("*2", at=6_200)
    node.ended(AGENT_LEG, 6_350)
    assert node.phase is Phase.WAITING
    assert node.contact.typed is None


def test_half_keyed_order_outlives_a_restart() -> None:
    node = talking()
    node.keyed_by("*22")
    node.restart()
    node.keyed_by("#", at=8_400)
    assert node.of(QueueContact) == [QueueContact(T1, EXPERTS, 0, waited_ms=2_000)]

"""The vault: keys of a shielded leg are told without them, and kept for a while or not at all."""

import pytest
from call_node import C1, CALLER, PARTY

from ivr.call import vault as vaults
from ivr.call.effects import LiftShield, ShieldKeys
from ivr.call.events import (
    CallArrived,
    DigitReceived,
    KeyHidden,
    LegAnswered,
    LegEnded,
    SecretKeyed,
)
from ivr.call.model import LegId
from ivr.call.vault import QUIET_MS, SECRET_LIFETIME_MS, TAKEN_IN_MS, Vault
from ivr.flow.collecting import DigitRules
from ivr.flow.secret_entry import SecretCame
from ivr.flow.values import SecretRef
from router.model import ContactId

pytestmark = pytest.mark.unit

S1, S2 = SecretRef(f"{C1}.s1"), SecretRef(f"{C1}.s2")
RULES = DigitRules(4, 6)
NO_SECRET = SecretRef("")
DROPS = ShieldKeys(CALLER, NO_SECRET, None)
GOING, FULL, ENTERED, NOMATCH = SecretCame


def taking(secret: SecretRef = S1, rules: DigitRules = RULES) -> Vault:
    vault = Vault()
    vault.heed([ShieldKeys(CALLER, secret, rules)], 0)
    return vault


def keyed(vault: Vault, keys: str, at: int = 0) -> list[SecretKeyed]:
    told = [vault.taken(DigitReceived(CALLER, key), at) for key in keys]
    good = [each for each in told if isinstance(each, SecretKeyed)]
    assert good == told
    return good


def test_key_of_an_answered_leg_that_nobody_shields_is_told_as_it_is() -> None:
    vault = taking()
    pressed = DigitReceived(LegId("main:c1.1"), "7")
    vault.taken(LegAnswered(pressed.leg), 0)
    assert vault.taken(pressed, 0) is pressed


def test_each_key_of_an_entry_is_told_by_what_came_of_it() -> None:
    told = keyed(taking(), "739104#")
    assert [each.length for each in told] == [1, 2, 3, 4, 5, 6, 6]
    assert [each.came for each in told] == [GOING] * 5 + [FULL, ENTERED]
    assert [each.passes for each in told] == [False] * 3 + [True] * 4
    assert {each.secret for each in told} == {S1}


def test_entry_is_revealed_by_its_reference_alone() -> None:
    vault = taking()
    keyed(vault, "7391#")
    assert vault.reveal(S1, 1) == "7391"
    assert vault.reveal(S2, 1) is None


def test_entry_under_way_is_revealed_to_nobody() -> None:
    vault = taking()
    keyed(vault, "7391")
    assert vault.reveal(S1, 1) is None


@pytest.mark.parametrize("keys", ["73#", "#", "739A", "7391046"])
def test_wrong_entry_is_told_and_not_kept(keys: str) -> None:
    vault = taking()
    assert keyed(vault, keys)[-1].came is NOMATCH
    vault.heed([DROPS, LiftShield(CALLER, at_once=True)], 0)
    assert len(vault) == 0


@pytest.mark.parametrize("keys", ["7391#", "73#"])
def test_keys_behind_the_end_of_an_entry_are_dropped(keys: str) -> None:
    vault = taking()
    keyed(vault, keys)
    assert vault.taken(DigitReceived(CALLER, "5"), 1) == KeyHidden(CALLER)


def test_entry_that_silence_ended_is_kept_if_it_is_right() -> None:
    vault = taking()
    keyed(vault, "7391")
    vault.heed([DROPS], 3_000)
    assert vault.reveal(S1, 3_000) == "7391"


def test_entry_that_silence_ended_is_forgotten_if_it_is_wrong() -> None:
    vault = taking()
    keyed(vault, "739")
    vault.heed([ShieldKeys(CALLER, S2, RULES)], 3_000)
    assert len(vault) == 0
    assert keyed(vault, "5")[0].length == 1


def test_lifted_shield_shows_keys_again() -> None:
    vault = taking()
    keyed(vault, "7391#")
    vault.heed([LiftShield(CALLER, at_once=True)], 1)
    assert vault.taken(DigitReceived(CALLER, "5"), 1) == DigitReceived(CALLER, "5")
    assert vault.reveal(S1, 1) == "7391"


def test_secret_is_lost_at_the_end_of_its_life() -> None:
    vault = taking()
    keyed(vault, "7391#", at=50)
    assert vault.reveal(S1, 50 + SECRET_LIFETIME_MS - 1) == "7391"
    assert vault.reveal(S1, 50 + SECRET_LIFETIME_MS) is None
    assert len(vault) == 0


def test_contact_that_ended_leaves_nothing() -> None:
    vault = taking()
    keyed(vault, "7391#")
    other = SecretRef("main:c2.s1")
    vault.heed([ShieldKeys(LegId("main:c2.0"), other, RULES)], 0)
    for key in "8246#":
        vault.taken(DigitReceived(LegId("main:c2.0"), key), 0)
    vault.forget(C1)
    vault.forget(ContactId("main:c9"))
    assert vault.reveal(S1, 1) is None
    assert vault.reveal(other, 1) == "8246"


def test_oldest_secret_gives_way_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vaults, "SECRETS_MAX", 2)
    vault = Vault()
    for number in (1, 2, 3):
        secret = SecretRef(f"{C1}.s{number}")
        vault.heed([ShieldKeys(CALLER, secret, RULES)], number)
        keyed(vault, f"739{number}#")
    assert vault.reveal(S1, 4) is None
    assert vault.reveal(S2, 4) == "7392"
    assert len(vault) == 2


def test_keys_of_the_oldest_leg_are_hidden_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vaults, "LEGS_MAX", 2)
    vault = Vault()
    legs = [LegId(f"main:c{number}.0") for number in (1, 2, 3)]
    for leg in legs:
        vault.taken(LegAnswered(leg), 0)
    assert [vault.shields(leg, 0) for leg in legs] == [True, False, False]
    vault.heed([ShieldKeys(leg, S1, RULES) for leg in legs], 0)
    assert vault.taken(DigitReceived(legs[0], "7"), 1) == KeyHidden(legs[0])


def test_keys_before_the_answer_are_hidden() -> None:
    vault = Vault()
    vault.taken(CallArrived(C1, CALLER, "10086", PARTY), 0)
    assert vault.taken(DigitReceived(CALLER, "7"), 1) == KeyHidden(CALLER)
    assert vault.taken(LegAnswered(CALLER), 2) == LegAnswered(CALLER)
    assert vault.taken(DigitReceived(CALLER, "7"), 3) == DigitReceived(CALLER, "7")


def test_answer_told_twice_lifts_no_shield_of_the_flow() -> None:
    vault = taking()
    vault.taken(LegAnswered(CALLER), 2)
    assert vault.shields(CALLER, 2)


def shown(vault: Vault, at: int) -> bool:
    return vault.taken(DigitReceived(CALLER, "7"), at) == DigitReceived(CALLER, "7")


def test_shield_that_fades_is_gone_when_no_key_came_for_a_while() -> None:
    vault = taking()
    keyed(vault, "7391#", at=1_000)
    vault.heed([DROPS], 1_000)
    vault.heed([LiftShield(CALLER, at_once=False)], 1_200)
    assert not shown(vault, 1_000 + QUIET_MS - 1)
    again = 1_000 + QUIET_MS - 1 + QUIET_MS
    assert vault.shields(CALLER, again - 1)
    assert not vault.shields(CALLER, again)
    assert shown(vault, again)
    assert shown(vault, again + 1)


def test_shield_that_fades_long_after_the_last_key_is_gone_at_once() -> None:
    vault = taking()
    keyed(vault, "7391#", at=1_000)
    vault.heed([LiftShield(CALLER, at_once=False)], 1_000 + QUIET_MS)
    assert shown(vault, 1_000 + QUIET_MS)


def test_shield_under_which_no_key_came_fades_at_once() -> None:
    vault = Vault()
    vault.taken(LegAnswered(CALLER), 0)
    vault.heed([DROPS], 10)
    vault.heed([LiftShield(CALLER, at_once=False)], 20)
    assert shown(vault, 20)


def taken_in() -> Vault:
    vault = Vault()
    vault.taken(CallArrived(C1, CALLER, "10086", PARTY, taken_in=True), 0)
    vault.taken(LegAnswered(CALLER), 50)
    return vault


def test_caller_taken_in_is_hidden_till_the_flow_wants_her_keys_and_some_seconds_are_over() -> None:
    vault = taken_in()
    assert not shown(vault, 100)
    vault.heed([LiftShield(CALLER, at_once=False)], 200)
    assert not shown(vault, 5_000)
    assert not vault.shields(CALLER, TAKEN_IN_MS)
    assert vault.shields(CALLER, TAKEN_IN_MS - 1)


def test_caller_taken_in_is_hidden_while_nothing_is_asked() -> None:
    assert not shown(taken_in(), 2 * TAKEN_IN_MS)


def test_caller_taken_in_who_heard_a_question_is_seen() -> None:
    vault = taken_in()
    vault.heed([LiftShield(CALLER, at_once=False)], 200)
    vault.heed([LiftShield(CALLER, at_once=True)], 3_000)
    assert shown(vault, 3_000)


@pytest.mark.parametrize(
    "late", [LiftShield(CALLER, at_once=True), LiftShield(CALLER, at_once=False), DROPS]
)
def test_nothing_that_comes_late_opens_a_leg_that_ended(late: LiftShield | ShieldKeys) -> None:
    vault = Vault()
    vault.taken(LegAnswered(CALLER), 0)
    vault.taken(LegEnded(CALLER, 16), 1)
    vault.taken(LegAnswered(CALLER), 2)
    vault.heed([late], 3)
    assert not shown(vault, 10_000)


def test_limit_of_ended_legs_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vaults, "LEGS_MAX", 2)
    vault = Vault()
    for number in range(5):
        vault.taken(LegEnded(LegId(f"main:c{number}.0"), 16), number)
    assert len(vars(vault)["_ended"]) == 2


def test_leg_that_ended_takes_nothing_any_more() -> None:
    vault = taking()
    vault.taken(LegEnded(CALLER, 16), 2)
    assert vault.taken(DigitReceived(CALLER, "7"), 3) == KeyHidden(CALLER)


def test_vault_and_its_parts_show_no_digit() -> None:
    vault = taking()
    keyed(vault, "739104#")
    vault.heed([ShieldKeys(CALLER, S2, RULES)], 1)
    keyed(vault, "739104")
    assert "739104" not in repr(vault) + repr(vars(vault))

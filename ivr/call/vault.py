"""The one place where sensitive digits are: in memory, for a while, behind references.

It stands between the line and the engine and takes every key of a shielded leg before it becomes a
turn, a journal row or a line of a trace. What enters the engine instead tells that a key was
pressed, and of an entry how many digits it has and what came of it. The checks are those of all
other digits (``ivr.flow.collecting``).

In doubt a key is hidden. Those of a leg are seen from its answer on, till the flow has them
shielded; when the flow wants to see them again, only once none came for a while, for who keys a
secret does not stop at once. Those of a caller who was up before we met her (after a restart she
may be in the middle of an entry) are not seen at her answer, but as after a secret and no sooner
than after some seconds. Without time of its own: whoever asks says when it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from ivr.call.effects import LiftShield, ShieldKeys, WriteRecord
from ivr.call.events import (
    CallArrived,
    DigitReceived,
    HiddenKey,
    KeyHidden,
    LegAnswered,
    LegEnded,
    SecretKeyed,
)
from ivr.call.model import LegId
from ivr.flow.collecting import DigitRules, Entered, Entry, Failed, Going, take_key, take_silence
from ivr.flow.secret_entry import SecretCame
from ivr.flow.values import NO_SECRET, SecretRef
from router.model import ContactId, Millis

SECRETS_MAX = 4_000
"""Entries kept at once: two for each contact that a node may have. Of more, the oldest is lost."""

SECRET_LIFETIME_MS = 15 * 60_000
"""How long an entry is kept: time enough to have it checked, and to be asked for a second one."""

LEGS_MAX = 10_000
"""Legs known at once: far more than a node has. Of more, the keys of the oldest are hidden."""

QUIET_MS = 1_500
"""A secret that was being keyed is over when no key came for so long: keys follow in less."""

TAKEN_IN_MS = 10_000
"""How long keys of a caller who was taken in are hidden, unless she heard a question of ours."""

Event = TypeVar("Event")


@dataclass(slots=True)
class _Shield:
    """What becomes of the keys of one leg: dropped, or taken ``rules``-wise for ``secret``.

    One that ``fades`` is no more from ``until`` on, which every hidden key puts off.
    """

    until: Millis
    secret: SecretRef = NO_SECRET
    rules: DigitRules | None = None
    fades: bool = False
    digits: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Kept:
    digits: str = field(repr=False)
    until: Millis


class Vault:
    """The secrets of one node's callers, and whose keys are hidden now."""

    def __init__(self) -> None:
        self._open: dict[LegId, None] = {}
        self._shields: dict[LegId, _Shield] = {}
        self._ended: dict[LegId, None] = {}
        self._kept: dict[SecretRef, _Kept] = {}
        self._of: dict[ContactId, list[SecretRef]] = {}

    def __len__(self) -> int:
        """How many secrets are kept."""
        return len(self._kept)

    def shields(self, leg: LegId, at: Millis) -> bool:
        """Whether a key of this leg is hidden, if it comes now."""
        shield = self._shields.get(leg)
        return leg not in self._open and not (shield and shield.fades and at >= shield.until)

    def taken(self, event: Event, at: Millis) -> Event | HiddenKey:
        """What enters the engine in place of this event: of a shielded leg, no key as it is."""
        match event:
            case DigitReceived(leg, digit):
                if self.shields(leg, at):
                    return self._hidden(leg, digit, at)
                self._show(leg)
            case CallArrived(leg=leg, taken_in=taken_in):
                self._ended.pop(leg, None)
                if taken_in:
                    self._shield(leg, _Shield(at + TAKEN_IN_MS))
            case LegAnswered(leg):
                if leg not in self._shields:
                    self._show(leg)
            case LegEnded(leg):
                self._close(leg)
            case _:
                pass
        return event

    def heed(self, effects: Iterable[object], at: Millis) -> None:
        """Do what of these effects of a turn concerns secrets, before the next event is taken."""
        for effect in effects:
            match effect:
                case ShieldKeys(leg, secret, rules):
                    self._finish(leg, at)
                    self._shield(leg, _Shield(self._until(leg, at), secret, rules))
                case LiftShield(leg, True):
                    self._finish(leg, at)
                    self._show(leg)
                case LiftShield(leg):
                    self._finish(leg, at)
                    self._shield(leg, _Shield(self._until(leg, at), fades=True))
                case WriteRecord(record):
                    self.forget(record.contact)
                    for each in record.legs:
                        self._close(each.leg)
                case _:
                    pass

    def reveal(self, secret: SecretRef, at: Millis) -> str | None:
        """The digits behind this reference, for whoever has to send them; None if they are lost."""
        self._expire(at)
        kept = self._kept.get(secret)
        return None if kept is None else kept.digits

    def forget(self, contact: ContactId) -> None:
        """Keep nothing of this contact any more."""
        for secret in self._of.pop(contact, ()):
            self._kept.pop(secret, None)

    def _hidden(self, leg: LegId, digit: str, at: Millis) -> HiddenKey:
        shield = self._shields.get(leg)
        if shield is not None:
            shield.until = max(shield.until, at + QUIET_MS)
        if shield is None or shield.rules is None:
            return KeyHidden(leg)
        entry = take_key(shield.rules, shield.digits, digit)
        length = len(shield.digits)
        match entry:
            case Going(digits, is_full):
                shield.digits = digits
                came = SecretCame.FULL if is_full else SecretCame.GOING
                passes = isinstance(take_silence(shield.rules, digits), Entered)
                return SecretKeyed(leg, shield.secret, len(digits), came, passes)
            case Entered(digits):
                self._end(leg, shield, entry, at)
                return SecretKeyed(leg, shield.secret, len(digits), SecretCame.ENTERED, True)
            case _:
                self._end(leg, shield, entry, at)
                return SecretKeyed(leg, shield.secret, length, SecretCame.NOMATCH, False)

    def _finish(self, leg: LegId, at: Millis) -> None:
        """An entry that something else follows was ended by silence: keep it if that is right."""
        shield = self._shields.get(leg)
        if shield is not None and shield.rules is not None:
            self._end(leg, shield, take_silence(shield.rules, shield.digits), at)

    def _end(self, leg: LegId, shield: _Shield, entry: Entry, at: Millis) -> None:
        self._shields[leg] = _Shield(shield.until)
        if isinstance(entry, Going | Failed):
            return
        self._expire(at)
        if len(self._kept) >= SECRETS_MAX:
            self._drop(next(iter(self._kept)))
        self._kept[shield.secret] = _Kept(entry.digits, at + SECRET_LIFETIME_MS)
        self._of.setdefault(_contact_of(shield.secret), []).append(shield.secret)

    def _expire(self, at: Millis) -> None:
        """Drop what is too old; entries stand in the order in which they were made."""
        while self._kept:
            oldest = next(iter(self._kept))
            if self._kept[oldest].until > at:
                return
            self._drop(oldest)

    def _drop(self, secret: SecretRef) -> None:
        del self._kept[secret]
        contact = _contact_of(secret)
        left = self._of[contact]
        left.remove(secret)
        if not left:
            del self._of[contact]

    def _until(self, leg: LegId, at: Millis) -> Millis:
        """When the keys that came so far are over. Of a leg that was open nobody knows of any."""
        shield = self._shields.get(leg)
        if shield is not None:
            return shield.until
        return at if leg in self._open else at + QUIET_MS

    def _shield(self, leg: LegId, shield: _Shield) -> None:
        self._open.pop(leg, None)
        if leg in self._ended:
            return
        self._shields[leg] = shield
        if len(self._shields) > LEGS_MAX:
            del self._shields[next(iter(self._shields))]

    def _show(self, leg: LegId) -> None:
        self._shields.pop(leg, None)
        if leg in self._ended:
            return
        self._open[leg] = None
        if len(self._open) > LEGS_MAX:
            del self._open[next(iter(self._open))]

    def _close(self, leg: LegId) -> None:
        self._open.pop(leg, None)
        self._shields.pop(leg, None)
        self._ended[leg] = None
        if len(self._ended) > LEGS_MAX:
            del self._ended[next(iter(self._ended))]


def _contact_of(secret: SecretRef) -> ContactId:
    return ContactId(secret.rpartition(".")[0])

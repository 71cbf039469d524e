"""What is known of devices, whoever sits there: can one be reached, and is one in a call.

A device is in a call of its own from ``DeviceOccupied`` to ``DeviceVacated``, each named by the
call; several at once are several. It is also in use while a conversation goes on there that the
router itself made, even if its agent has signed out or another one has signed in meanwhile.
"""

from collections import Counter

from router.model import DeviceId, Millis, OfferId, OwnCallId
from router.snapshot import DeviceSnapshot

OWN_CALLS_MAX = 16
"""Calls of its own that one device is remembered to be in; more than a phone has lines."""


class Devices:
    """All devices anybody spoke of. ``ignored`` counts what came late or twice."""

    def __init__(self, ignored: Counter[str]) -> None:
        self.ignored = ignored
        self._reachable: dict[DeviceId, bool] = {}
        self._own_calls: dict[DeviceId, dict[OwnCallId, Millis]] = {}
        """Since when each goes on, the oldest first."""
        self._engaged: dict[DeviceId, OfferId] = {}

    def is_reachable(self, device: DeviceId) -> bool:
        """Whether it can be rung; one that nobody spoke of cannot."""
        return self._reachable.get(device, False)

    def own_calls(self, device: DeviceId) -> int:
        """In how many calls of its own it is."""
        return len(self._own_calls.get(device, ()))

    def is_free(self, device: DeviceId) -> bool:
        """Whether it is in no call at all, as far as we know."""
        return device not in self._own_calls and device not in self._engaged

    def engaged_by(self, device: DeviceId) -> OfferId | None:
        """The offer for which it rings or talks."""
        return self._engaged.get(device)

    def set_reachable(self, device: DeviceId, *, reachable: bool) -> bool:
        """Note it; False, and counted, when that is no news."""
        if self._reachable.get(device) is reachable:
            self.ignored["device/no change"] += 1
            return False
        self._reachable[device] = reachable
        return True

    def oldest_own_call(self, device: DeviceId) -> Millis | None:
        """Since when the oldest of its own calls goes on; None if it is in none."""
        return next(iter(self._own_calls.get(device, {}).values()), None)

    def occupy(self, device: DeviceId, call: OwnCallId, at: Millis) -> bool:
        """It is in this call of its own; False, and counted, if known or one too many."""
        calls = self._own_calls.setdefault(device, {})
        if call in calls or len(calls) >= OWN_CALLS_MAX:
            self.ignored["device/occupied" if call in calls else "device/own calls full"] += 1
            return False
        calls[call] = at
        return True

    def vacate(self, device: DeviceId, call: OwnCallId) -> bool:
        """That call is over; False, and counted, if it was not known."""
        calls = self._own_calls.get(device, {})
        if call not in calls:
            self.ignored["device/vacated"] += 1
            return False
        del calls[call]
        if not calls:
            del self._own_calls[device]
        return True

    def forget_calls(self, device: DeviceId, before: Millis) -> None:
        """What began by then cannot still go on: its end was never told."""
        calls = self._own_calls[device]
        for call in [call for call, since in calls.items() if since <= before]:
            self.ignored["device/own call overdue"] += 1
            self.vacate(device, call)

    def engage(self, device: DeviceId, offer: OfferId) -> None:
        """It rings or talks for this offer."""
        self._engaged[device] = offer

    def release(self, device: DeviceId) -> None:
        """The offer is over."""
        self._engaged.pop(device, None)

    def taken(self) -> tuple[DeviceSnapshot, ...]:
        """What was told of each, for a snapshot; engagements are in the offers."""
        known = sorted({*self._reachable, *self._own_calls})
        return tuple(
            DeviceSnapshot(
                device, self._reachable.get(device), tuple(self._own_calls.get(device, {}).items())
            )
            for device in known
        )

    def restore(self, snapshots: tuple[DeviceSnapshot, ...]) -> None:
        """Know again what was known."""
        for each in snapshots:
            if each.reachable is not None:
                self._reachable[each.device] = each.reachable
            if each.own_calls:
                self._own_calls[each.device] = dict(each.own_calls)

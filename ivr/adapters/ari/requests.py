"""Requests that travel over the event WebSocket and await their answer there."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import msgspec

from ivr.adapters.ari.events import RestResponse
from ivr.adapters.ari.operations import Operation, Reply

WS_DEADLINE_S = 5.0
"""How long a request over the WebSocket may take; Asterisk answers these in milliseconds."""

REQUESTS_PENDING_MAX = 5_000
"""Requests over the WebSocket without an answer yet; one more fails at once."""

NO_REPLY = Reply(0)
"""Given to a request whose answer did not come in time, or whose line broke."""

NOT_SENT = Reply(-1)
"""Given to a request that never left: the line is down, or too many are under way."""

OnReply = Callable[[Reply], None]


@dataclass(frozen=True, slots=True)
class _Pending:
    on_reply: OnReply
    due: float


class PendingRequests:
    """The requests under way, oldest first; each is answered exactly once."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def full(self) -> bool:
        """Whether one more must be refused."""
        return len(self._pending) >= REQUESTS_PENDING_MAX

    def register(self, on_reply: OnReply, now: float) -> str:
        """The id under which its answer will come."""
        identifier = str(next(self._ids))
        self._pending[identifier] = _Pending(on_reply, now + WS_DEADLINE_S)
        return identifier

    def answer(self, response: RestResponse) -> None:
        """Hand an answer over; one that came too late, or is not ours, is passed over."""
        pending = self._pending.pop(response.request_id, None)
        if pending is not None:
            pending.on_reply(Reply(response.status_code, response.message_body.encode()))

    def expire(self, now: float) -> None:
        """Give up those whose time is over."""
        while self._pending:
            identifier, pending = next(iter(self._pending.items()))
            if pending.due > now:
                return
            del self._pending[identifier]
            pending.on_reply(NO_REPLY)

    def fail_all(self) -> None:
        """The line broke: no answer will come to any of them."""
        broken, self._pending = self._pending, OrderedDict()
        for pending in broken.values():
            pending.on_reply(NO_REPLY)


def frame_of(identifier: str, operation: Operation) -> str:
    """The request as one frame of the event WebSocket."""
    request: dict[str, object] = {
        "type": "RESTRequest",
        "request_id": identifier,
        "method": operation.method,
        "uri": operation.path,
        "query_strings": [{"name": k, "value": v} for k, v in operation.query.items()],
    }
    if operation.body is not None:
        request["content_type"] = "application/json"
        request["message_body"] = msgspec.json.encode(operation.body).decode()
    return msgspec.json.encode(request).decode()

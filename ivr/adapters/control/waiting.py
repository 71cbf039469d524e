"""Who waits, as an answer on the control socket: ids and names of the site, nothing of a caller."""

from ivr.adapters.control.desk import Desk
from ivr.adapters.control.wire import AskWaiting, ContactLine, WaitingLine
from router.model import PREFERRED_STEP, QueueId, as_qualified, local_name
from router.views import WaitingView


def waiting_line(ask: AskWaiting, desk: Desk) -> WaitingLine:
    """Whom the desk's engine holds in the queue that is asked for, or in any."""
    queue = None if ask.queue is None else QueueId(as_qualified(ask.queue))
    seen = desk.waiting(queue)
    lines = tuple(_contact_line(each, desk) for each in seen.contacts)
    return WaitingLine(lines, seen.left_out)


def _contact_line(view: WaitingView, desk: Desk) -> ContactLine:
    return ContactLine(
        contact=view.contact,
        queue=local_name(view.queue),
        step=None if view.step == PREFERRED_STEP else view.step + 1,
        since=desk.wall_of(view.since),
        position=view.position,
        rings=None if view.offered_to is None else local_name(view.offered_to),
    )

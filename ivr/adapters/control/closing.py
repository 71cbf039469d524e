"""Hotlines closed by hand, as the control socket asks for them and shows them."""

from typing import assert_never

from ivr.adapters.control.desk import Desk
from ivr.adapters.control.wire import AskClose, AskOpen, ClosedLine
from ivr.call.events import HotlineClosed, HotlineEvent, HotlineOpened
from ivr.flow.by_hand import notices_closing
from router.model import RequestId


def closing_event(ask: AskClose | AskOpen, request: RequestId) -> HotlineEvent:
    """What the engine is told when this is asked."""
    match ask:
        case AskClose():
            return HotlineClosed(request, ask.hotline, ask.reason, ask.by)
        case AskOpen():
            return HotlineOpened(request, ask.hotline, ask.by)
        case _:
            assert_never(ask)


def closed_lines(desk: Desk) -> list[ClosedLine]:
    """Every closed hotline, by name; one that is closed twice over has two lines."""
    hotlines = desk.site().hotlines
    noticed = {name for name, each in hotlines.items() if notices_closing(each)}
    by_hand = [
        ClosedLine(each.hotline, each.reason, each.by, each.since, each.hotline in noticed)
        for each in desk.closed_by_hand()
    ]
    by_file = [
        ClosedLine(name, each.closed, None, None, name in noticed)
        for name, each in hotlines.items()
        if each.closed is not None
    ]
    return sorted([*by_hand, *by_file], key=lambda line: (line.hotline, line.since is None))

"""The interpreter's part of ``message``: what a text is to be sent with, and what came of it."""

from dataclasses import dataclass

from ivr.flow.model import Language, NodeName, TextMessage
from ivr.flow.values import Value, Values

Filling = tuple[tuple[str, Value], ...]
"""The values for the gaps of a template, by the names of its variables."""


@dataclass(frozen=True, slots=True)
class SendText:
    """Send the caller this text, then report ``TextHandled``; the caller hears nothing of it."""

    template: str
    language: Language
    values: Filling


@dataclass(frozen=True, slots=True)
class TextHandled:
    """The text is on its way; or there is none, for the caller's number is not known."""

    has_number: bool


def text_to_send(node: TextMessage, values: Values, language: Language) -> SendText:
    """What a ``message`` node asks for, with the values of this moment."""
    filling = tuple((each.name, values[each.index]) for each in node.values)
    return SendText(node.template, language, filling)


def way_after(node: TextMessage, handled: TextHandled) -> NodeName:
    """Where a caller goes from a ``message`` node."""
    return node.next if handled.has_number else node.no_number

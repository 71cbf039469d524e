"""What is in the box of a jump between flows: the flat flow has a silent step in its place."""

from ivr.flow.model import Held, SetVariables, Source

JUMP_WORDS = {"subflow": "through", "return": "back", "goto": "on at"}
"""Before the name of the flow, the exit or the node."""


def jump_words(node: SetVariables, source: Source) -> list[str]:
    """Where it leads, and what it takes along."""
    told = [f"{JUMP_WORDS[source.kind]} {source.about}".strip()]
    if source.kind == "goto":
        return told
    last = {change.name: change.to for change in node.changes}
    # A variable that begins as it always does was not given.
    handed = {name: to for name, to in last.items() if to not in ("", 0, False)}
    return [*told, *(f"{name} = {value_text(to)}" for name, to in handed.items())]


def value_text(value: object) -> str:
    """What a variable becomes, as an author wrote it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.name if isinstance(value, Held) else str(getattr(value, "text", value))

"""The picture as a text that other programs draw: Mermaid for pages, DOT for Graphviz."""

from ivr.flow.picture import Box, Line, LineKind, Picture

_MERMAID_FORMS = {
    "caller": ("([", "])"),
    "menu": ("{{", "}}"),
    "collect": ("{{", "}}"),
    "branch": ("{", "}"),
    "queue": ("[/", "/]"),
    "transfer": ("[/", "/]"),
    "work_order": ("[(", ")]"),
    "message": ("[[", "]]"),
    "ask": ("{{", "}}"),
    "hangup": ("(((", ")))"),
}
_MERMAID_SPECIAL = frozenset('"#&<>`|\\;[]{}()')
"""Written by number: within quotes most of them are harmless, yet not in every version."""

_DOT_FORMS = {
    "caller": "oval",
    "menu": "hexagon",
    "collect": "hexagon",
    "branch": "diamond",
    "queue": "parallelogram",
    "transfer": "parallelogram",
    "work_order": "note",
    "message": "note",
    "ask": "hexagon",
    "hangup": "doublecircle",
}


def mermaid(picture: Picture) -> str:
    """A flowchart for a Markdown page.

    Nodes are numbered, since a node of an author may be called ``end``, which Mermaid keeps for
    itself. Special characters go by their number (Mermaid, "Entity codes to escape characters").
    """
    ids = {box.name: f"n{number}" for number, box in enumerate(picture.boxes)}
    lines = ["flowchart TD"]
    for box in picture.boxes:
        begin, end = _MERMAID_FORMS.get(box.kind, ("[", "]"))
        words = "<br/>".join(_by_number(part) for part in _parts(box, picture))
        lines.append(f'    {ids[box.name]}{begin}"{words}"{end}')
    for line in picture.lines:
        if line.kind is LineKind.SERVED:
            continue
        text = _by_number(_label(line, picture))
        arrow = f'-- "{text}" -->' if text else "-->"
        lines.append(f"    {ids[line.source]} {arrow} {ids[line.target]}")
    return "\n".join(lines) + "\n"


def dot(picture: Picture) -> str:
    """A directed graph for Graphviz."""
    ids = {box.name: f"n{number}" for number, box in enumerate(picture.boxes)}
    lines = [
        f"digraph {_in_quotes(picture.title)} {{",
        '    node [fontname="sans-serif", fontsize=11]',
        '    edge [fontname="sans-serif", fontsize=10]',
    ]
    for box in picture.boxes:
        label = _in_quotes("\n".join(_parts(box, picture)))
        shape = _DOT_FORMS.get(box.kind, "box")
        tooltip = _in_quotes(box.tooltip or box.title)
        lines.append(f"    {ids[box.name]} [label={label}, shape={shape}, tooltip={tooltip}]")
    for line in picture.lines:
        if line.kind is LineKind.SERVED:
            continue
        label = _in_quotes(_label(line, picture))
        lines.append(f"    {ids[line.source]} -> {ids[line.target]} [label={label}]")
    return "\n".join([*lines, "}"]) + "\n"


def _parts(box: Box, picture: Picture) -> list[str]:
    parts = [box.title, *box.lines]
    if picture.overlay is not None and box.kind != "caller":
        parts.append(f"×{picture.overlay.nodes.get(box.name, 0)}")
    return parts


def _label(line: Line, picture: Picture) -> str:
    # The line itself leads there, so that it need not be said.
    text = line.text.partition("↩")[0].strip() if line.kind is LineKind.BACK else line.text
    if picture.overlay is None or line.kind is LineKind.ARRIVAL:
        return text
    return f"{text} ×{picture.overlay.lines.get((line.source, line.target), 0)}".strip()


def _by_number(text: str) -> str:
    return "".join(f"#{ord(each)};" if each in _MERMAID_SPECIAL else each for each in text)


def _in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'

"""The engine's trace as a proof reads it, while the engine still writes."""

from pathlib import Path

import msgspec


def read_lines(path: Path) -> list[dict[str, object]]:
    """The documents of a file of JSON lines; a line still being written is left out.

    So is a damaged one: a full disk or a kill leaves half a line, and the rest is still told.
    """
    whole = path.read_bytes().split(b"\n")[:-1]
    return [document for line in whole if (document := _document(line)) is not None]


def _document(line: bytes) -> dict[str, object] | None:
    try:
        return msgspec.json.decode(line, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

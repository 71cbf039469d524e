"""The engine's trace as a proof reads it, while the engine still writes."""

import json
from pathlib import Path
from typing import cast


def read_lines(path: Path) -> list[dict[str, object]]:
    """The documents of a file of JSON lines; a line still being written is left out."""
    documents: list[dict[str, object]] = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            documents.append(cast("dict[str, object]", json.loads(line)))
    return documents

"""Which code decides: the address of the source of all that a replay runs through."""

from hashlib import blake2b
from pathlib import Path

DECIDING = ("router", "ivr/flow", "ivr/call", "ivr/engine", "ivr/prompts/fragments.py")
"""What a row leads to depends on these and on nothing else."""

ROOT = Path(__file__).resolve().parents[2]

VERSION_BYTES = 8
"""Of the version, enough to tell any two of them apart."""


def core_version(root: Path = ROOT) -> str:
    """Equal for equal code; any change of it, a comment's too, is another version."""
    address = blake2b(digest_size=VERSION_BYTES)
    for source in _sources(root):
        text = source.read_bytes()
        address.update(f"{source.relative_to(root).as_posix()} {len(text)}\n".encode())
        address.update(text)
    return address.hexdigest()


def _sources(root: Path) -> list[Path]:
    found: list[Path] = []
    for place in DECIDING:
        path = root / place
        found += path.rglob("*.py") if path.is_dir() else [path]
    return sorted(found)

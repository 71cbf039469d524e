"""Where things are, and how the engine finds its Asterisk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


def repository_root() -> Path:
    """The checkout this code runs from."""
    return Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """One engine on one node."""

    site: Path
    """The folder with ``site.yaml``."""
    run_dir: Path
    """The private folder of this node's Asterisk: its secrets are read from there."""
    ari_host: str
    ari_port: int
    ari_app: str
    ari_user: str
    audio: Path
    """The folder of built prompts."""
    data_dir: Path
    """Where the trace, the journal and the records go."""
    forget: bool = False
    """Start with nobody signed in, whatever the journal says."""
    services: Mapping[str, str] = field(default_factory=dict[str, str])
    """Other addresses for services of the site, by name."""

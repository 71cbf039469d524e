"""What an operator decides about one Asterisk, checked before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.conf.problem import ConfProblem
from ivr.provision.asterisk import AsteriskInstallation

TEMPLATES_DIR = Path(__file__).resolve().parents[3] / "asterisk-conf"
CONF_FOLDER = "conf"
"""Of the private folder, the part that holds the rendered configuration."""

SOCKET_NAME = "asterisk.ctl"
# unix(7): sun_path has 108 bytes, the last of them a NUL.
SOCKET_PATH_BYTES_MAX = 107

RETRY_SECONDS_DEFAULT = 8
CALLS_MAX_DEFAULT = 1_000
LEGS_PER_CALL = 2
RTP_PORTS_PER_LEG = 2  # RTP and RTCP
# Measured per leg: two sockets, a timer, a wake-up event, and the file it is hearing; doubled.
FILES_PER_LEG = 8
FILES_BESIDE_CALLS = 512
PORT_FIRST, PORT_LAST = 1_024, 65_535

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# A semicolon begins a comment in Asterisk's files; the others end an argument in extensions.conf
# or are replaced there.
REFUSED_IN_PATHS = frozenset(';,&$|"\\{}[]()<>')


TRUNK_PEER_DEFAULT = "127.0.0.1:5060"
_PEER = re.compile(r"([0-9]{1,3}\.){3}[0-9]{1,3}:[1-9][0-9]{1,4}")


@dataclass(frozen=True, kw_only=True)
class ConfSettings:
    """One Asterisk on this machine: its folder, its ports, its limits.

    Several run side by side when their folders and ports differ. Construction refuses what
    Asterisk would accept and then misunderstand.
    """

    run_dir: Path
    installation: AsteriskInstallation
    sip_port: int
    http_port: int
    rtp_first: int
    rtp_last: int
    prompts_dir: Path
    moh_dir: Path
    witness_port: int | None = None
    app: str = "expertline"
    ari_user: str = "expertline"
    fallback_languages: tuple[str, ...] = ("zh-CN", "en-US")
    retry_seconds: int = RETRY_SECONDS_DEFAULT
    calls_max: int = CALLS_MAX_DEFAULT
    trunk_peer: str = TRUNK_PEER_DEFAULT
    """Where calls to outside numbers are sent: an address and a port. Callers may come from there,
    but need not."""
    templates_dir: Path = TEMPLATES_DIR

    def __post_init__(self) -> None:
        for what in ("app", "ari_user"):
            check_name(str(getattr(self, what)), what=what)
        for language in self.fallback_languages:
            if not LANGUAGE.fullmatch(language):
                raise ConfProblem(f"fallback language {language!r} is no tag such as zh-CN")
        if not self.fallback_languages:
            raise ConfProblem("fallback_languages is empty: name one language at least")
        for what in ("run_dir", "prompts_dir", "moh_dir"):
            check_path(getattr(self, what), what=what)
        check_path(self.installation.modules_dir, what="the modules folder")
        check_path(self.installation.data_dir, what="the data folder")
        self._check_numbers()
        self._check_ports()
        _check_socket_path(self.socket_path)

    @property
    def conf_dir(self) -> Path:
        """The rendered configuration."""
        return self.run_dir / CONF_FOLDER

    @property
    def conf_file(self) -> Path:
        """What `asterisk -C` is given."""
        return self.conf_dir / "asterisk.conf"

    @property
    def log_dir(self) -> Path:
        """Where Asterisk writes its log."""
        return self.run_dir / "log"

    @property
    def socket_path(self) -> Path:
        """Where Asterisk's console listens."""
        return self.run_dir / SOCKET_NAME

    @property
    def fallback_prompts(self) -> tuple[Path, ...]:
        """The fallback prompt in each language, without the ending Asterisk chooses itself.

        Nobody knows the caller's language when the application is away: he hears them all.
        """
        return tuple(self.prompts_dir / tag / "fallback" for tag in self.fallback_languages)

    @property
    def files_max(self) -> int:
        """Open files that `calls_max` calls of two legs may need."""
        return self.calls_max * LEGS_PER_CALL * FILES_PER_LEG + FILES_BESIDE_CALLS

    def _check_numbers(self) -> None:
        if not _PEER.fullmatch(self.trunk_peer):
            raise ConfProblem(
                f"trunk_peer {self.trunk_peer!r} is no address and port: write it as "
                f"{TRUNK_PEER_DEFAULT}"
            )
        if not 1 <= self.calls_max <= 100_000:
            raise ConfProblem(f"calls_max is {self.calls_max}: give 1 to 100000")
        if not 0 <= self.retry_seconds <= 60:
            raise ConfProblem(f"retry_seconds is {self.retry_seconds}: give 0 to 60")

    def _check_ports(self) -> None:
        named = {"sip_port": self.sip_port, "http_port": self.http_port}
        named |= {"rtp_first": self.rtp_first, "rtp_last": self.rtp_last}
        if self.witness_port is not None:
            named["witness_port"] = self.witness_port
        for what, port in named.items():
            if not PORT_FIRST <= port <= PORT_LAST:
                raise ConfProblem(f"{what} is {port}: give a port from {PORT_FIRST} to {PORT_LAST}")
        if self.http_port == self.witness_port:
            raise ConfProblem(f"http_port and witness_port are both {self.http_port}: move one")
        if self.rtp_first <= self.sip_port <= self.rtp_last:
            raise ConfProblem(
                f"sip_port {self.sip_port} lies among the media ports "
                f"{self.rtp_first}-{self.rtp_last}: move one of them"
            )
        needed = self.calls_max * LEGS_PER_CALL * RTP_PORTS_PER_LEG
        if self.rtp_last - self.rtp_first + 1 < needed:
            raise ConfProblem(
                f"media ports {self.rtp_first}-{self.rtp_last} are too few for {self.calls_max} "
                f"calls: give {needed} or lower calls_max"
            )


def check_name(name: str, *, what: str) -> None:
    """Refuses a name that could be read as anything but a name in Asterisk's files."""
    if not NAME.fullmatch(name):
        raise ConfProblem(
            f"{what} {name!r} is no name: begin with a letter a-z, then letters, digits, - or _, "
            "40 characters at most"
        )


def check_path(path: Path, *, what: str) -> None:
    """Refuses a path that a configuration file would read as more than a path."""
    text = str(path)
    bad = sorted({c for c in text if c in REFUSED_IN_PATHS or not c.isprintable()})
    if bad:
        raise ConfProblem(f"{what} {text!r} contains {bad[0]!r}, which Asterisk misreads: move it")
    if text != text.strip() or not path.is_absolute():
        raise ConfProblem(f"{what} {text!r} is not a plain absolute path: give one")


def _check_socket_path(path: Path) -> None:
    length = len(str(path).encode())
    if length > SOCKET_PATH_BYTES_MAX:
        raise ConfProblem(
            f"{path} has {length} bytes and a socket's path may have {SOCKET_PATH_BYTES_MAX}: "
            "choose a shorter run_dir"
        )

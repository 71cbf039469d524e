"""What must be true of the machine before Asterisk is started: asked first, said in sentences.

Asterisk itself goes on without its transport when the port is taken, and without its music when
the folder is empty; the calls fail later and elsewhere. So these are found before the start.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import socket
import threading
from contextlib import suppress
from pathlib import Path

from ivr.adapters.conf.settings import ConfSettings
from ivr.provision.asterisk import VERSION_MIN_TEXT, new_enough, running_version
from ivr.provision.runner import SystemRunner
from simulator.live.sockets import holder_of

DISK_FREE_BYTES_MIN = 64 * 1024 * 1024
# A name server that must be asked takes longer than this; /etc/hosts takes less than 1 ms.
HOST_NAME_MS_MAX = 200
LOOPBACK = "127.0.0.1"
AUDIO_ENDINGS = (".alaw", ".ulaw", ".wav")


class AsteriskProblem(Exception):
    """Asterisk cannot be started or used: one sentence with the place and the remedy."""


def refuse_what_cannot_start(settings: ConfSettings) -> str:
    """The version that will run; raises for the first thing that forbids the start."""
    version = check_version(settings)
    check_folder(settings.run_dir)
    check_files_limit(settings.files_max)
    ports = [("tcp", settings.http_port, "http_port"), ("udp", settings.sip_port, "sip_port")]
    if settings.witness_port is not None:
        ports.append(("tcp", settings.witness_port, "witness_port"))
    for protocol, port, setting in ports:
        check_port(protocol, port, setting=setting)
    return version


def warnings_before_start(settings: ConfSettings) -> tuple[str, ...]:
    """What will hurt callers but does not forbid the start."""
    found: list[str] = []
    missing = [str(path) for path in settings.fallback_prompts if not _has_audio(path)]
    if missing:
        found.append(
            f"the fallback prompt {missing[0]} is missing, so callers hear silence while the "
            "engine is away: run expertline prompts build"
        )
    if not any(path.suffix in AUDIO_ENDINGS for path in settings.moh_dir.glob("*")):
        found.append(
            f"{settings.moh_dir} holds no audio, so callers on hold hear silence: "
            "run expertline prompts build"
        )
    return tuple(found)


def check_version(settings: ConfSettings) -> str:
    """The version the binary itself tells, which may have changed since set-up."""
    argv = settings.installation.argv
    version = running_version(argv, SystemRunner())
    if version is None:
        raise AsteriskProblem(f"{argv[-1]} does not run: run make setup")
    if not new_enough(version):
        raise AsteriskProblem(
            f"Asterisk {version} ({argv[-1]}) is too old, {VERSION_MIN_TEXT} or newer is needed: "
            "run make setup"
        )
    return version


def check_folder(folder: Path) -> None:
    """Raises when Asterisk could not write there, or would soon run out of room."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise AsteriskProblem(f"{folder} is not writable: give it to the account that runs this")
    free = shutil.disk_usage(folder).free
    if free < DISK_FREE_BYTES_MIN:
        raise AsteriskProblem(
            f"{folder} has {free // 2**20} MB free and {DISK_FREE_BYTES_MIN // 2**20} MB are "
            "needed: make room or choose another run_dir"
        )


def check_files_limit(files_max: int) -> None:
    """Raises when this account may not open as many files as the calls will need."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if allowed != resource.RLIM_INFINITY and allowed < files_max:
        raise AsteriskProblem(
            f"this account may open {allowed} files and the calls need {files_max}: raise its "
            "limit (ulimit -Hn) or lower calls_max"
        )


def check_port(protocol: str, port: int, *, setting: str) -> None:
    """Raises when the port is taken, naming the holder where the kernel tells."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        if protocol == "tcp":
            # As Asterisk does: a connection of ours that closed a moment ago is no holder.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise AsteriskProblem(
                    f"{protocol} port {port} cannot be used ({error.strerror}): "
                    f"choose another {setting}"
                ) from error
            holder = holder_of(protocol, port) or "another process"
            raise AsteriskProblem(
                f"{protocol} port {port} on {LOOPBACK} is held by {holder}: "
                f"stop it or choose another {setting}"
            ) from error


def slow_host_name() -> str | None:
    """A sentence for doctor when this machine cannot quickly find its own name, else None.

    Not asked before a start, because our endpoints name their media address: measured with a name
    server that never answers, a call rings after 3 ms, and without those two lines not in 8 s.
    The lookup cannot be interrupted, so it is left behind in a thread that ends by itself.
    """
    name = socket.gethostname()
    found = threading.Event()

    def look_up() -> None:
        with suppress(OSError):
            socket.gethostbyname(name)
            found.set()

    asker = threading.Thread(target=look_up, daemon=True)
    asker.start()
    asker.join(HOST_NAME_MS_MAX / 1000)
    if found.is_set():
        return None
    return (
        f"this machine cannot find its own name {name!r} within {HOST_NAME_MS_MAX} ms, and an "
        f"Asterisk with other settings would stall on it: put '127.0.1.1 {name}' into /etc/hosts"
    )


def _has_audio(prompt: Path) -> bool:
    return any(prompt.with_name(prompt.name + ending).is_file() for ending in AUDIO_ENDINGS)

"""A place for one Asterisk beside others: a claimed block of ports and the settings upon it.

Tests run several at once, and so may two checkouts on one machine. A block is claimed by binding
its first port and keeping it bound, so that the kernel is the judge and a dead claimant leaves
nothing to clean up.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ivr.adapters.conf.settings import ConfSettings
from ivr.provision.asterisk import AsteriskInstallation
from simulator.live.asterisk_process import AsteriskProcess
from simulator.live.preflight import LOOPBACK, AsteriskProblem, check_port

# Below the range from which Linux gives ports to clients (32768), above the well-known ones.
FIRST_BLOCK = 10_000
BLOCK_PORTS = 1_000
BLOCKS_MAX = 20
PHONE_PORTS = range(20, 100)
RTP_PORTS = range(100, BLOCK_PORTS)
CALLS_MAX = 200


@dataclass(frozen=True)
class PortBlock:
    """A thousand ports of our own, claimed until closed."""

    first: int
    guard: socket.socket

    @property
    def sip(self) -> int:
        """UDP, Asterisk's."""
        return self.first + 1

    @property
    def http(self) -> int:
        """TCP, Asterisk's ARI."""
        return self.first + 2

    @property
    def witness(self) -> int:
        """TCP, Asterisk's manager interface, open to the witness only."""
        return self.first + 3

    @property
    def phones(self) -> range:
        """UDP, for the SIP ports of test phones."""
        return range(self.first + PHONE_PORTS.start, self.first + PHONE_PORTS.stop)

    @property
    def rtp(self) -> range:
        """UDP, Asterisk's media."""
        return range(self.first + RTP_PORTS.start, self.first + RTP_PORTS.stop)

    def close(self) -> None:
        """Gives the block back."""
        self.guard.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def claim_ports(*, prefer: int = 0) -> PortBlock:
    """The first free block, looked for from the preferred one on."""
    for turn in range(BLOCKS_MAX):
        first = FIRST_BLOCK + (prefer + turn) % BLOCKS_MAX * BLOCK_PORTS
        block = _claimed(first)
        if block is not None:
            return block
    raise AsteriskProblem(
        f"no free block of ports from {FIRST_BLOCK} on: stop what runs on this machine"
    )


def settings_on(
    block: PortBlock,
    *,
    run_dir: Path,
    installation: AsteriskInstallation,
    prompts_dir: Path,
    moh_dir: Path,
) -> ConfSettings:
    """Settings of an Asterisk on this block, witness and all."""
    return ConfSettings(
        run_dir=run_dir,
        installation=installation,
        sip_port=block.sip,
        http_port=block.http,
        witness_port=block.witness,
        rtp_first=block.rtp.start,
        rtp_last=block.rtp.stop - 1,
        prompts_dir=prompts_dir,
        moh_dir=moh_dir,
        calls_max=CALLS_MAX,
    )


@dataclass(frozen=True)
class Stand:
    """A running Asterisk with what a proof needs to reach it."""

    asterisk: AsteriskProcess
    block: PortBlock

    @property
    def settings(self) -> ConfSettings:
        """What it runs on."""
        return self.asterisk.settings

    @property
    def ari_url(self) -> str:
        """Where its REST interface begins."""
        return f"http://{LOOPBACK}:{self.settings.http_port}/ari"

    @property
    def ari_password(self) -> str:
        """For `settings.ari_user`; never to be printed."""
        return self.asterisk.conf.secrets.ari_password


def _claimed(first: int) -> PortBlock | None:
    guard = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        guard.bind((LOOPBACK, first))
        block = PortBlock(first, guard)
        _refuse_taken([("udp", block.sip), ("tcp", block.http), ("tcp", block.witness)])
    except (OSError, AsteriskProblem):
        guard.close()
        return None
    return block


def _refuse_taken(ports: Iterable[tuple[str, int]]) -> None:
    for protocol, port in ports:
        check_port(protocol, port, setting="block")

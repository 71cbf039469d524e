"""What the calls left behind, as counted by witnesses that are not the engine."""

import asyncio
import os
import time
from collections.abc import Iterable

import aiohttp

from simulator.live.demo.contacts import playbacks_in
from simulator.live.demo.report import LeftBehind
from simulator.live.demo.stage import POLL_S
from simulator.live.hotline import LiveHotline
from simulator.live.trace_lines import read_lines
from simulator.live.witness import Count, count_by_console, count_by_manager, processes_left

GONE_S_MAX = 30.0
"""Nothing of a contact's telephony may be left this long after its end (design, invariant 13)."""


async def telephony_left(hotline: LiveHotline) -> LeftBehind:
    """Asked of Asterisk in three ways, none of them the engine."""
    deadline = time.monotonic() + GONE_S_MAX
    while True:
        by_console = await count_by_console(hotline.asterisk)
        by_manager = await _by_manager(hotline)
        playbacks = await _playbacks_left(hotline)
        left = LeftBehind(
            channels=max(by_console.channels, by_manager.channels),
            bridges=max(by_console.bridges, by_manager.bridges),
            playbacks=playbacks,
        )
        if left.nothing or time.monotonic() >= deadline:
            return left
        await asyncio.sleep(POLL_S)


def count_processes(*, marker: str, pids: Iterable[int]) -> int:
    """How many processes still run, by what they were started with or by their number."""
    return len(processes_left(marker=marker)) + sum(map(_is_alive, pids))


async def _by_manager(hotline: LiveHotline) -> Count:
    password = hotline.asterisk.conf.secrets.witness_password
    return await count_by_manager(hotline.block.witness, password)


async def _playbacks_left(hotline: LiveHotline) -> int:
    """How many of the playback ids the engine ever used still exist in Asterisk."""
    settings = hotline.asterisk.settings
    login = aiohttp.encode_basic_auth(settings.ari_user, hotline.asterisk.conf.secrets.ari_password)
    base = f"http://127.0.0.1:{settings.http_port}/ari/playbacks/"
    left = 0
    async with aiohttp.ClientSession(headers={"Authorization": login}) as client:
        for playback in playbacks_in(read_lines(hotline.trace_file)):
            async with client.get(base + playback) as reply:
                left += reply.status != 404
    return left


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

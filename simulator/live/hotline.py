"""A whole hotline on this machine: Asterisk, the engine and the site's devices, up and down.

The demo, ``make run`` and the acceptance tests stand on it. The engine is the real one, started
as an operator would start it, in a process of its own.
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from ivr.adapters.conf.devices import Device
from ivr.adapters.conf.secret_file import devices_named
from ivr.adapters.store.records import ContactFilter, RecordCounts
from ivr.adapters.store.store import StoreBeside
from ivr.app import TRACE_FILE, load_checked_site
from ivr.flow.site import Site
from ivr.prompts.catalogue import load_catalogue
from ivr.prompts.model import BILINGUAL
from ivr.provision.asterisk import locate
from ivr.settings import EngineSettings, repository_root
from simulator.live import launch
from simulator.live.asterisk_process import AsteriskProcess
from simulator.live.stand import PortBlock, claim_ports, settings_on

# The engine needs a second or two for either; a loaded machine may need more.
ENGINE_READY_S_MAX = 20.0
ENGINE_STOP_S_MAX = 10.0
LAST_WORDS_MAX = 2_000
"""Characters of the engine's own words that go into our sentence."""

RECORDS_READ_MAX = 10_000
"""Records read at once, for a proof that looks at all of its own."""


class HotlineProblem(Exception):
    """The hotline could not be brought up; one sentence."""


class LiveHotline:
    """Use as ``async with LiveHotline(data_dir) as hotline``; nothing of it is left afterwards.

    ``services`` are other addresses for services of the site, by name.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        site: Path | None = None,
        prefer_block: int = 0,
        forget: bool = False,
        services: Mapping[str, str] | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._services = services or {}
        self._forget = forget
        self._site_path = site or repository_root() / "dialplans"
        self._prefer_block = prefer_block
        self._stack = AsyncExitStack()
        self._engine: asyncio.subprocess.Process | None = None
        self._errors: Path = data_dir / "engine.log"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def data_dir(self) -> Path:
        """Where the engine keeps its store, its trace and its control socket."""
        return self._data_dir

    @property
    def trace_file(self) -> Path:
        """What the engine was told and did, one turn a line."""
        return self._data_dir / TRACE_FILE

    def records(self) -> list[dict[str, object]]:
        """The contact records in the store, latest arrival first."""
        with closing(StoreBeside(self._data_dir)) as store:
            newest = store.contacts.newest(ContactFilter(), limit=RECORDS_READ_MAX)
        return [stored.record for stored in newest]

    def record_counts(self) -> RecordCounts:
        """How many records the store keeps, and how many second ones it refused."""
        with closing(StoreBeside(self._data_dir)) as store:
            return store.contacts.counts()

    @property
    def sip_address(self) -> str:
        """Where callers and devices send their SIP."""
        return f"127.0.0.1:{self.block.sip}"

    @property
    def engine_pid(self) -> int:
        """The engine's process."""
        if self._engine is None:
            raise HotlineProblem("the engine was not started")
        return self._engine.pid

    def uri_of(self, number: str) -> str:
        """What a caller dials."""
        return f"sip:{number}@{self.sip_address}"

    def device(self, name: str) -> Device:
        """A device's account."""
        return self._devices[name]

    async def stop_engine(self) -> int | None:
        """Stop the engine as an operator would; its exit status."""
        engine = self._engine
        if engine is None:
            return None
        for number in (signal.SIGTERM, signal.SIGKILL):
            if engine.returncode is None:
                engine.send_signal(number)
                try:
                    return await asyncio.wait_for(engine.wait(), ENGINE_STOP_S_MAX)
                except TimeoutError:
                    continue
        return engine.returncode

    async def engine_ended(self) -> int | None:
        """Wait for the engine to end by itself; its exit status."""
        return None if self._engine is None else await self._engine.wait()

    async def kill_engine(self) -> None:
        """Kill the engine as a crash would: no word, no clean-up."""
        if self._engine is not None and self._engine.returncode is None:
            self._engine.kill()
            await self._engine.wait()

    async def start_engine(self) -> str:
        """Start the engine and wait for its word that it takes calls; that sentence."""
        settings = self.asterisk.settings
        argv = [
            *(sys.executable, "-I", "-S", launch.__file__, str(os.getpid())),
            *(sys.executable, "-m", "ivr.cli", "serve", "--site", str(self._site_path)),
            *("--run-dir", str(settings.run_dir), "--ari-port", str(settings.http_port)),
            *("--ari-app", settings.app, "--data-dir", str(self._data_dir)),
            *(["--forget"] if self._forget else []),
            *(f"--service={name}={url}" for name, url in self._services.items()),
        ]
        self._forget = False  # once: a later start of the same hotline remembers
        with self._errors.open("ab") as errors:
            self._engine = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        output = self._engine.stdout
        if output is None:
            raise HotlineProblem("the engine has no output to read")
        try:
            line = await asyncio.wait_for(output.readline(), ENGINE_READY_S_MAX)
        except TimeoutError:
            raise HotlineProblem(
                f"the engine was not ready within {ENGINE_READY_S_MAX:g} s: see {self._errors}"
            ) from None
        if not line:
            words = self._errors.read_text(encoding="utf-8")[-LAST_WORDS_MAX:].strip()
            raise HotlineProblem(words or "the engine ended without a word")
        return line.decode().strip()

    async def _start(self) -> None:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._errors.unlink(missing_ok=True)  # what an earlier run died of would mislead
        run_dir = Path(tempfile.mkdtemp(prefix="expertline-"))
        self._stack.callback(shutil.rmtree, run_dir, ignore_errors=True)
        self.run_dir = run_dir
        self.block: PortBlock = self._stack.enter_context(claim_ports(prefer=self._prefer_block))
        self.site = self._load_site(run_dir)
        audio = repository_root() / "prompts" / "audio"
        usual = settings_on(
            self.block,
            run_dir=run_dir / "node",
            installation=locate(),
            prompts_dir=audio,
            moh_dir=audio / "moh",
        )
        settings = replace(usual, fallback_languages=(BILINGUAL,))
        devices = devices_named(settings.run_dir, sorted(self.site.devices))
        self._devices = {device.name: device for device in devices}
        self.asterisk = await self._stack.enter_async_context(AsteriskProcess(settings, devices))
        self._stack.push_async_callback(self.stop_engine)
        self.ready = await self.start_engine()

    def _load_site(self, run_dir: Path) -> Site:
        settings = EngineSettings(
            site=self._site_path,
            run_dir=run_dir,
            ari_host="127.0.0.1",
            ari_port=self.block.http,
            ari_app="expertline",
            ari_user="expertline",
            audio=repository_root() / "prompts" / "audio",
            data_dir=self._data_dir,
        )
        return load_checked_site(settings, load_catalogue())

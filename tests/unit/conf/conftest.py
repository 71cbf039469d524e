"""Settings to render with; no Asterisk runs in these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.conf.settings import ConfSettings
from ivr.provision.asterisk import AsteriskInstallation


@pytest.fixture
def settings(tmp_path: Path) -> ConfSettings:
    """Usual settings in a folder of the test's own."""
    installation = AsteriskInstallation(
        argv=("/usr/sbin/asterisk",),
        version="22.10.1",
        modules_dir=Path("/usr/lib/asterisk/modules"),
        data_dir=Path("/usr/share/asterisk"),
        origin="installed",
    )
    return ConfSettings(
        run_dir=tmp_path / "run",
        installation=installation,
        sip_port=5160,
        http_port=8188,
        rtp_first=20_000,
        rtp_last=24_999,
        prompts_dir=tmp_path / "prompts",
        moh_dir=tmp_path / "moh",
    )

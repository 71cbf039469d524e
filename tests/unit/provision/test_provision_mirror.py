from __future__ import annotations

from pathlib import Path

import pytest
from scripted_runner import ScriptedRunner

from ivr.provision import mirror
from ivr.provision.errors import ProvisionError
from ivr.provision.runner import CommandResult

pytestmark = pytest.mark.unit

ONE_LINE = """# deb http://commented.example.org/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] https://vendor.example.net/apt bookworm main
deb-src http://archive.example.org/debian bookworm main
deb http://archive.example.org/debian/ bookworm main contrib  # the one
deb http://archive.example.org/debian-security bookworm-security main
deb cdrom:[Debian]/ bookworm main
"""
DEB822 = """Types: deb deb-src
# a remark between the fields
URIs: http://one.example.org/debian
 http://two.example.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
Enabled: no
URIs: http://off.example.org/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://src.example.org/debian
Suites: bookworm
Components: main
"""


def test_one_line_sources_give_debian_first() -> None:
    sources = mirror.sources_of_list(ONE_LINE)
    assert mirror.debian_mirrors(sources, codename="bookworm") == [
        "http://archive.example.org/debian",
        "https://vendor.example.net/apt",
    ]


def test_deb822_sources_leave_out_disabled_and_source_only() -> None:
    sources = mirror.sources_of_deb822(DEB822)
    assert mirror.debian_mirrors(sources, codename="bookworm") == [
        "http://one.example.org/debian",
        "http://two.example.org/debian",
    ]


def test_mirrors_tried_are_limited() -> None:
    many = [
        mirror.Source((f"http://{n}.example.org/debian",), ("sid",), ("main",)) for n in "abcde"
    ]
    assert len(mirror.debian_mirrors(many, codename="bookworm")) == mirror.MIRRORS_MAX


def test_folder_is_read_in_apts_order_and_other_files_ignored(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (parts / "z.list").write_text("deb http://z.example.org/debian bookworm main\n")
    (parts / "a.sources").write_text(DEB822)
    (parts / "b.list.save").write_text("deb http://saved.example.org/debian bookworm main\n")
    (tmp_path / "sources.list").write_text("deb http://first.example.org/debian bookworm main\n")
    hosts = [source.uris[0] for source in mirror.read_sources(tmp_path)]
    assert hosts == [
        "http://first.example.org/debian",
        "http://one.example.org/debian",
        "http://z.example.org/debian",
    ]


def test_no_debian_in_sources_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "read_sources", list[mirror.Source])
    with pytest.raises(ProvisionError, match=r"name no Debian archive.*EXPERTLINE_DEBIAN_MIRROR"):
        mirror.mirrors_of_this_machine({})


def test_mirror_of_the_environment_wins() -> None:
    given = {mirror.MIRROR_VARIABLE: "http://given.example.org/debian/"}
    assert mirror.mirrors_of_this_machine(given) == ["http://given.example.org/debian"]


def test_os_release_is_read_without_quotes(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_text('NAME="Debian GNU/Linux"\nVERSION_CODENAME=bookworm\n\n')
    assert mirror.os_release(file)["NAME"] == "Debian GNU/Linux"
    assert mirror.os_release(file)["VERSION_CODENAME"] == "bookworm"
    assert mirror.os_release(tmp_path / "none") == {}


def test_apts_proxy_is_handed_to_debootstrap() -> None:
    runner = ScriptedRunner(
        answers={
            "Acquire::http::Proxy": CommandResult(0, "PROXY='http://proxy.example.org:3128'\n"),
            "Acquire::https::Proxy": CommandResult(0, "PROXY='DIRECT'\n"),
        }
    )
    assert mirror.apt_proxies(runner) == {"http_proxy": "http://proxy.example.org:3128"}

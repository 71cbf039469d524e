"""Where this machine's own apt gets Debian from.

No host is written in this repository: the private Asterisk root comes from the mirror that the
machine already trusts and can reach. Both formats of apt's sources are read (sources.list(5)).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.provision.errors import ProvisionError
from ivr.provision.runner import Runner

APT_FOLDER = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")
MIRROR_VARIABLE = "EXPERTLINE_DEBIAN_MIRROR"
# debootstrap fetches with wget or cp; apt's other methods (cdrom, mirror+file) it cannot follow.
SCHEMES = ("http://", "https://", "file:/")
# A third party's archive may look like Debian's until it is asked: try this many, then give up.
MIRRORS_MAX = 3

_ONE_LINE = re.compile(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s*(.*)$")


@dataclass(frozen=True)
class Source:
    """One enabled binary source of apt."""

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]


def sources_of_list(text: str) -> list[Source]:
    """The enabled sources in a one-line-style file (`deb [options] URI suite component ...`)."""
    found: list[Source] = []
    for line in text.splitlines():
        match = _ONE_LINE.match(line.split("#", 1)[0].strip())
        if match:
            uri, suite, components = match.groups()
            found.append(Source((uri,), (suite,), tuple(components.split())))
    return found


def sources_of_deb822(text: str) -> list[Source]:
    """The enabled sources in a deb822-style file (stanzas of `Field: value`)."""
    found: list[Source] = []
    for fields in _stanzas(text):
        enabled = fields.get("enabled", "yes").lower() not in ("no", "false", "0")
        if enabled and "deb" in fields.get("types", "").split():
            uris, suites, components = (
                tuple(fields.get(name, "").split()) for name in ("uris", "suites", "components")
            )
            found.append(Source(uris, suites, components))
    return found


def _stanzas(text: str) -> Iterator[Mapping[str, str]]:
    fields: dict[str, str] = {}
    field = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            yield fields
            fields, field = {}, ""
        elif line[0].isspace():
            fields[field] = f"{fields.get(field, '')} {line.strip()}"
        elif ":" in line:
            field, _, value = line.partition(":")
            field = field.strip().lower()
            fields[field] = value.strip()


def read_sources(folder: Path = APT_FOLDER) -> list[Source]:
    """Every enabled source of this machine, in apt's own order."""
    found: list[Source] = []
    parts = sorted((folder / "sources.list.d").glob("*"), key=lambda path: path.name)
    for path in [folder / "sources.list", *parts]:
        if not path.is_file():
            continue
        if path.suffix == ".list":
            found += sources_of_list(path.read_text(errors="replace"))
        elif path.suffix == ".sources":
            found += sources_of_deb822(path.read_text(errors="replace"))
    return found


def debian_mirrors(sources: Sequence[Source], *, codename: str) -> list[str]:
    """Mirrors of Debian's main archive among these sources, the likeliest first.

    The suite alone does not tell: a third party's archive may name its suite after the release
    too. A path that ends in /debian goes first; debootstrap's signature check has the last word.
    """
    names = {codename, "stable", "testing", "unstable", "sid"}
    mirrors: list[str] = []
    for source in sources:
        if "main" in source.components and names.intersection(source.suites):
            mirrors += [uri.rstrip("/") for uri in source.uris if uri.startswith(SCHEMES)]
    distinct = list(dict.fromkeys(mirrors))
    return sorted(distinct, key=lambda uri: not uri.endswith("/debian"))[:MIRRORS_MAX]


def os_release(path: Path = OS_RELEASE) -> dict[str, str]:
    """What the system says it is (os-release(5)); empty when it does not say."""
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(errors="replace").splitlines())
    return {name.strip(): value.strip().strip("\"'") for name, found, value in pairs if found}


def mirrors_of_this_machine(environ: Mapping[str, str]) -> list[str]:
    """Mirrors to build the private root from; refuses in one sentence when apt names none."""
    override = environ.get(MIRROR_VARIABLE, "").strip()
    if override:
        return [override.rstrip("/")]
    codename = os_release().get("VERSION_CODENAME", "")
    mirrors = debian_mirrors(read_sources(), codename=codename)
    if not mirrors:
        raise ProvisionError(
            f"apt's sources in {APT_FOLDER} name no Debian archive to build Asterisk from; "
            f"install Asterisk 22.5 or newer yourself, or set {MIRROR_VARIABLE} to a mirror's URL"
        )
    return mirrors


def apt_proxies(runner: Runner) -> dict[str, str]:
    """Proxy variables for debootstrap, from apt's own configuration; empty when it has none."""
    proxies: dict[str, str] = {}
    for scheme in ("http", "https"):
        key = f"Acquire::{scheme}::Proxy"
        answer = runner.run(["apt-config", "shell", "PROXY", key])
        match = re.search(r"^PROXY='(.*)'$", answer.output, re.MULTILINE)
        if answer.status == 0 and match and match.group(1) not in ("", "DIRECT"):
            proxies[f"{scheme}_proxy"] = match.group(1)
    return proxies

"""Nothing of one machine, one network or one person is in the repository."""

import re
from collections.abc import Iterator

import pytest
from sources import demand_none, text_of, texts

pytestmark = pytest.mark.tidy

LOCK = "requirements.lock"
HOSTS = {
    "127.0.0.1",
    "localhost",
    "json-schema.org",  # names the draft a schema is written in
    "docs.oasis-open.org",  # where the schema of SARIF is published, named in each report
    "www.apache.org",  # the licence's own text
    "keepachangelog.com",
    "semver.org",
    "www.w3.org",  # names the vocabulary of SVG
}
"""Hosts that a URL here may name. Mirrors and registries are the machine's business."""

RESERVED_HOST = re.compile(r"(.+\.)?(example(\.(com|net|org))?|test|invalid)")
"""Set aside for examples by RFC 2606: nobody's host."""

URL_HOST = re.compile(r"\b(?:https?|wss?|ftp|ssh|git)://(?:[^\s/@'\"`]*@)?([A-Za-z0-9.-]+)")
LEAKS = {
    "a person's or machine's folder": re.compile(
        r"(?<![\w.])/(?:home|Users)/\w+|(?<![\w.])/root/\w"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|AKIA[A-Z0-9]{16}|xox[abp]-[\w-]{20,})"),
    "an index address": re.compile(r"--(?:extra-)?index-url[ =]\S*://|--find-links[ =]\S*://"),
    "a password in a URL": re.compile(r"://[^\s/:@{}'\"`<>]+:[^\s/:@{}'\"`<>]+@"),
}
ALLOWED_LINES: tuple[tuple[str, str], ...] = (
    # (file, words in the line): why it is no leak, one commented line each
)
OWN_FILE = "tests/tidy/test_nothing_leaks.py"


def leaks_in(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if any(file == name and words in line for file, words in ALLOWED_LINES):
            continue
        for what, pattern in LEAKS.items():
            if pattern.search(line):
                yield f"{name}:{number} {what}"
        for host in URL_HOST.findall(line):
            if host not in HOSTS and not RESERVED_HOST.fullmatch(host):
                yield f"{name}:{number} host {host}"


def test_nothing_of_one_machine_is_in_the_repository() -> None:
    found = [leak for name, text in texts() if name != OWN_FILE for leak in leaks_in(name, text)]
    demand_none(found)


@pytest.mark.parametrize(
    "line",
    [
        "see https://pypi.company.internal/simple",
        "cd /home/somebody/src",
        "-----BEGIN RSA PRIVATE KEY-----",
        "--index-url=https://127.0.0.1/simple",
        "http://user:secret@localhost/",
    ],
)
def test_leak_is_found(line: str) -> None:
    assert list(leaks_in("a.md", line)) != []


@pytest.mark.parametrize("line", ["http://127.0.0.1:8088/ari", "~/.cache", "https://a.example/x"])
def test_harmless_line_is_left_alone(line: str) -> None:
    assert list(leaks_in("a.md", line)) == []


def requirements() -> list[str]:
    """The lock's entries, each with its hashes, on one line."""
    joined = text_of(LOCK).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and line.lstrip()[0] != "#"]


def test_every_locked_package_has_one_version_and_hashes() -> None:
    entry = re.compile(
        r"[\w.-]+(\[[\w,-]+\])?==[\w.!+-]+( ;.+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*"
    )
    locked = requirements()
    assert len(locked) > 10
    assert [line[:60] for line in locked if not entry.fullmatch(line)] == []


def test_lock_names_no_address() -> None:
    assert "://" not in text_of(LOCK)

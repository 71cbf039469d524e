"""Starting `expertline` costs what the one command needs, and the list shows them all."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli.main import Commands, app
from ivr.cli.on_demand import command_at, help_at

pytestmark = pytest.mark.unit

WIDE = {"COLUMNS": "200", "TERM": "dumb"}

START = """
import sys
from ivr.cli.main import app
app(sys.argv[1:], standalone_mode=False)
print(*sys.modules, sep=" ", file=sys.stderr)
"""

OURS = {"ivr", "ivr.cli", "ivr.cli.main", "ivr.cli.on_demand"}
"""All of us that a list of the commands needs."""

CORES = {"ivr.call.core", "ivr.engine.driver", "ivr.flow.load", "router.core"}
NETWORK = {"aiohttp", "ivr.adapters.ari", "ivr.app"}
STORE = {"ivr.adapters.store", "sqlalchemy", "sqlite3"}
ARRAYS = {"numpy"}


def listed() -> dict[str, str]:
    page = CliRunner().invoke(app, ["--help"], env=WIDE)
    assert page.exit_code == 0
    rows = page.output.partition("Commands")[2]
    return dict(re.findall(r"^│ ([a-z]+) +(\S.*?) *│$", rows, re.MULTILINE))


def loaded_by(words: list[str]) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", START, *words],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.splitlines()[-1].split())


def test_list_names_every_command_with_its_first_sentence() -> None:
    own = {
        name: (command_at(place, name).help or "").partition("\n\n")[0]
        for name, place in Commands.places.items()
    }
    assert all(own.values())
    assert list(listed().items()) == list(own.items())


@pytest.mark.parametrize("name", Commands.places)
def test_what_is_read_of_a_command_is_what_it_says_when_imported(name: str) -> None:
    place = Commands.places[name]
    assert help_at(place) == command_at(place, name).help


def test_place_that_is_not_there_says_nothing_when_it_is_listed() -> None:
    assert help_at("ivr.cli.check:nothing_of_this_name") == ""


def test_list_loads_no_command() -> None:
    loaded = loaded_by(["--help"])
    assert {name for name in loaded if name.split(".")[0] in ("ivr", "router")} == OURS
    assert not loaded & (NETWORK | STORE | ARRAYS | {"asyncio", "msgspec", "yaml"})


@pytest.mark.parametrize(
    ("words", "needless"),
    [
        ("agent --help", CORES | NETWORK | STORE | ARRAYS | {"asyncio", "yaml", "ivr.ports"}),
        ("agent list", CORES | NETWORK | STORE | ARRAYS | {"asyncio", "yaml", "ivr.ports"}),
        ("crisis list", CORES | NETWORK | STORE | ARRAYS | {"asyncio", "yaml", "ivr.ports"}),
        ("reload", CORES | NETWORK | STORE | ARRAYS | {"asyncio", "yaml", "ivr.ports"}),
        ("contacts list", CORES | NETWORK | ARRAYS),
        ("orders list", CORES | NETWORK | ARRAYS),
        ("outbox list", CORES | NETWORK | ARRAYS),
        ("explain c1", NETWORK | ARRAYS),
        ("check dialplans", {"router.core", "ivr.call.core"} | NETWORK | STORE | ARRAYS),
    ],
)
def test_command_loads_only_what_it_works_with(
    words: str, needless: set[str], tmp_path: Path
) -> None:
    given = words.split()
    if "--help" not in given and given[0] != "check":
        given += ["--data-dir", str(tmp_path)]
    assert not loaded_by(given) & needless


def test_unknown_command_is_told_what_comes_near() -> None:
    refused = CliRunner().invoke(app, ["agnet"], env=WIDE)
    assert refused.exit_code == 2
    assert "No such command 'agnet'. Did you mean 'agent'?" in refused.output

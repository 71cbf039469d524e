"""`expertline explain` on what an engine has written."""

import json
import re
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from written_life import NOON_WALL, WrittenLife

from ivr.adapters.store.database import STORE_FILE
from ivr.call.events import TransferOrder
from ivr.cli import explain as command
from ivr.cli.listing import iso_time, shown_time
from ivr.cli.main import app
from ivr.settings import repository_root
from router.model import PresenceChange

pytestmark = pytest.mark.unit

WAY = [
    "+0: Let into 10086/data as number 1: nobody else waits there (at most 12 may), and "
    "3 agents are there for it. It waits till 0:02:00 at the longest.",
    "+0: Waits as number 1 at step 1 (data >= 3): nobody who could take it is idle (1003 talks, "
    "1004 is on break: lunch); too low: 1001 has data 1, not 3, 1002 has data 2, not 3; this step "
    "ends at 0:01:20.",
    "+20: Nobody with data >= 3 was free for it for 20 s (1003 talks, 1004 is on break: lunch), so "
    "any data skill will do from now on.",
    "+20: Rang 1001 (Group business expert 1) for step 2 (data): the lowest sufficient level "
    "(data 1); behind her: 1002 (data 2, idle since 0:00:00). Not asked: 1003 talks, 1004 is on "
    "break: lunch. It rings till 0:01:30 at d1.",
    "+30: 1001 (Group business expert 1) did not answer within 10 s; the contact goes back to its "
    "old place. That is miss 1 of 2; she gets no other offer till 0:01:32.",
    "+30: Rang 1002 (General expert 1) for step 2 (data): the only one idle. Not asked: 1001 rests "
    "after an offer that came to nothing, 1003 talks, 1004 is on break: lunch. It rings till "
    "0:01:40 at d2.",
    "+35: 1002 (General expert 1) answered after 5 s of ringing, 35 s after the contact came into "
    "the queue.",
    "+70: The talk with 1002 (General expert 1) was over after 35 s; she has till 0:02:15 "
    "to wrap up.",
    "",
    "In the end the caller talked to 1002; the caller hung up.",
]


def lived(folder: Path) -> WrittenLife:
    """c1 gets 1003 at once; c2 finds no expert for 20 s, rings 1001 in vain and gets 1002."""
    life = WrittenLife().begin("1001", "1002", "1003", "1004").until(1_000)
    life.call("c1")
    life.until(3_000).answer("1003")
    life.say("1004", PresenceChange.PAUSE, "lunch")
    life.until(60_000).call("c2")
    life.until(95_000).answer("1002")
    life.until(130_000).hang_up("c2")
    life.until(140_000).store_in(folder)
    return life


def asked(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["explain", "--data-dir", str(folder), *words])


def plain(line: str) -> str:
    """A line with times of day counted from engine time 0, whatever the zone."""
    for second in range(200):
        of_day = shown_time(NOON_WALL + second * 1000).partition(" ")[2]
        line = line.replace(of_day, f"0:{second // 60:02}:{second % 60:02}")
    return re.sub(r"^\S+ \(\+([\d.]+) s\) +", r"+\1: ", line)


def test_way_of_a_contact_reads_like_a_story(tmp_path: Path) -> None:
    lived(tmp_path)
    shown = asked(tmp_path, "c2")
    assert shown.exit_code == 0, shown.output
    head, empty, *lines = shown.stdout.splitlines()
    assert head == f"contact c2, arrived {shown_time(NOON_WALL + 60_000)}"
    assert empty == ""
    assert [plain(line) for line in lines] == WAY


def test_page_shows_what_the_command_says(tmp_path: Path) -> None:
    lived(tmp_path)
    page = (repository_root() / "docs" / "explaining.md").read_text()
    example = page.partition("```text\n")[2].partition("```")[0]
    time = re.compile(r"\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d")
    shown = asked(tmp_path, "c2").stdout
    assert time.sub("", example).splitlines() == time.sub("", shown).splitlines()


def test_lines_are_fitted_to_a_screen_with_times_alone_at_the_left() -> None:
    line = "12:00:20 (+20 s)     " + "word " * 30
    first, *others = command.fitted(line.rstrip(), 80).splitlines()
    assert first.startswith("12:00:20 (+20 s)     word")
    assert others
    assert all(each.startswith(" " * 21 + "word") for each in others)
    assert command.fitted(line, None) == command.fitted(line, 20) == line


def test_document_holds_what_the_sentences_leave_out(tmp_path: Path) -> None:
    lived(tmp_path)
    document = json.loads(asked(tmp_path, "c2", "--format", "json").stdout)
    assert (document["contact"], document["ended"]) == ("c2", True)
    assert document["outcome"] == "served"
    assert document["arrived"] == iso_time(NOON_WALL + 60_000)
    offered = document["decisions"][3]
    assert (offered["kind"], offered["since_arrival_ms"]) == ("offered", 20_000)
    assert offered["sentence"].startswith("Rang 1001 (Group business expert 1) for step 2")
    assert [each["agent"] for each in offered["candidates"]] == ["main:1001", "main:1002"]
    assert offered["excluded"][0] == {
        **{"agent": "main:1003", "rule": "talking", "reason": None},
        **{"contact": "c1", "lacks": []},
    }


def test_consultation_begins_with_who_asks_whom(tmp_path: Path) -> None:
    life = WrittenLife().begin("1003", "1004").until(1_000)
    life.call("c1")
    life.until(3_000).answer("1003")
    life.until(20_000).order("1003", TransferOrder.CONSULT, to="10086/data")
    life.until(24_000).answer("1004")
    life.until(40_000).order("1003", TransferOrder.COMPLETE)
    life.until(60_000).hang_up("c1")
    life.store_in(tmp_path)
    shown = asked(tmp_path, "c1").stdout
    assert "1003 asks for somebody of 10086/data (c1.t1): Let into 10086/data as" in shown
    assert "Consultation c1.t1: Rang 1004 (Data expert 2)" in shown
    assert "she left the caller to 1004 (Data expert 2); she has till" in shown
    assert "Consultation c1.t1: The part of 1004 (Data expert 2) in it was over after" in shown


def test_live_contact_is_told_so_far(tmp_path: Path) -> None:
    lived(tmp_path)
    shown = asked(tmp_path, "c1")
    assert shown.exit_code == 0
    assert shown.stdout.endswith("The contact is not over, as far as the journal is written.\n")


def test_id_of_a_leg_or_offer_means_its_contact(tmp_path: Path) -> None:
    lived(tmp_path)
    assert asked(tmp_path, "c2.o2").stdout == asked(tmp_path, "c2").stdout


def test_unknown_contact_is_one_sentence_with_the_nearest_one(tmp_path: Path) -> None:
    lived(tmp_path)
    shown = asked(tmp_path, "c22")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr == (
        "expertline: there is no contact 'c22' in the journal; did you mean c2?\n"
    )
    assert "`expertline contacts list` shows those" in asked(tmp_path, "else").stderr


def test_contact_older_than_the_journal_is_told_so_with_what_is_left(tmp_path: Path) -> None:
    lived(tmp_path)
    with sqlite3.connect(tmp_path / STORE_FILE) as connection:
        connection.execute("DELETE FROM journal WHERE at < 80000")
    connection.close()
    shown = asked(tmp_path, "c2")
    assert (shown.exit_code, shown.stdout) == (1, "")
    begins = shown_time(NOON_WALL + 80_000)
    assert f"no longer holds the contact c2: what is kept of it begins at {begins}" in shown.stderr
    assert "`expertline contacts show c2` tells what happened" in shown.stderr


def test_rows_of_another_version_are_told_with_what_to_do(tmp_path: Path) -> None:
    lived(tmp_path)
    with sqlite3.connect(tmp_path / STORE_FILE) as connection:
        connection.execute("UPDATE journal SET core = 'other'")
    connection.close()
    shown = asked(tmp_path, "c2")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "another version of this program routed the contact c2" in shown.stderr
    assert "run `expertline explain` of the version that ran then" in shown.stderr


def test_many_who_came_before_are_told_in_one_line(tmp_path: Path) -> None:
    life = WrittenLife().begin("1003").until(1_000)
    contacts = [f"c{number}" for number in range(1, 13)]
    for contact in contacts:
        life.call(contact)
    for contact in contacts[:-1]:
        life.answer("1003")
        life.hang_up(contact)
        life.until(life.at + 5_000)
    life.store_in(tmp_path)
    lines = asked(tmp_path, "c12").stdout.splitlines()
    took = [line for line in lines if "became free and took" in line]
    says = "it came first, and waits as long; this contact is number 11 in the same line"
    assert says in took[0]
    # The end of the first step comes between them, and begins another row of them.
    (more,) = [line for line in lines if "more such, up to here." in line]
    assert plain(more) == "+50: ... and 1 more such, up to here."
    assert len(took) == 10 - 1


def test_no_store_is_told(tmp_path: Path) -> None:
    shown = asked(tmp_path, "c1")
    assert shown.exit_code == 2
    assert "there is no store at" in shown.stderr

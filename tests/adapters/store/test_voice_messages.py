"""Voice messages in the store and on the command line: the file first, then the row."""

import errno
import json
import math
import os
import wave
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
import typer
from store_samples import WALL, intent, record, store_in
from typer.testing import CliRunner, Result

from ivr.adapters.store.store import StoreBeside
from ivr.adapters.store.voice_messages import MessageState, SqlVoiceMessages
from ivr.adapters.voice_files import (
    ORPHAN_KEPT_S,
    PIECES_MAX,
    RATE_HZ,
    SPOOL,
    VoiceFiles,
    voice_files,
    write_beep,
)
from ivr.call.effects import KeepVoiceMessage
from ivr.call.model import PartyRef
from ivr.call.voice import RecordingId, VoiceMessageId
from ivr.cli import contacts, messages, orders, outbox
from ivr.flow.model import Language
from router.model import ContactId

pytestmark = pytest.mark.unit

app = typer.Typer()
app.add_typer(contacts.app, name="contacts")
app.add_typer(orders.app, name="orders")
app.add_typer(outbox.app, name="outbox")
app.add_typer(messages.app, name="messages")

R1, V1 = RecordingId("c1.r1"), VoiceMessageId("c1.v1")
KEEP = KeepVoiceMessage(
    V1, ContactId("c1"), PartyRef("party-1"), "10086", "data", Language("zh-CN"), R1, 2_500
)


class World:
    """An engine's store, the spool of its Asterisk, and what was noted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.spool = folder / "run" / SPOOL
        self.spool.mkdir(parents=True)
        self.files = voice_files(folder / "run", self.data)
        self.notes: list[tuple[str, dict[str, str]]] = []
        self.store = store_in(self.data)
        self.voice = self._voice(self.files)

    def _voice(self, files: VoiceFiles) -> SqlVoiceMessages:
        def note(kind: str, details: Mapping[str, str]) -> None:
            self.notes.append((kind, dict(details)))

        return SqlVoiceMessages(self.store.writer, files, note=note)

    def record(self, name: str = "c1.r1", *, speech_s: float = 2.0, silent_s: float = 1.0) -> Path:
        """A recording of a loud hum, then of silence, as Asterisk writes it."""
        path = self.spool / f"{name}.wav"
        loud = [int(8_000 * math.sin(n / 3)) for n in range(int(8_000 * speech_s))]
        samples = [*loud, *[0] * int(8_000 * silent_s)]
        with wave.open(str(path), "wb") as out:
            out.setparams((1, 2, 8_000, 0, "NONE", ""))
            out.writeframes(b"".join(each.to_bytes(2, "little", signed=True) for each in samples))
        return path

    def keep(self, effect: KeepVoiceMessage = KEEP, *, key: str | None = None) -> None:
        self.voice.keep_message(effect, wall=WALL, intent=key)
        self.store.journal.flush()

    def state(self, message: VoiceMessageId = V1) -> MessageState | None:
        beside = StoreBeside(self.data)
        try:
            found = beside.voice_messages.one(message)
            return found.state if found else None
        finally:
            beside.close()

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--data-dir", str(self.data)])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def test_speech_is_counted_and_silence_is_not(world: World) -> None:
    world.record(speech_s=2.0, silent_s=3.0)
    assert world.files.speech_ms(R1) == 2_000
    assert world.files.speech_ms(RecordingId("c9.r1")) is None


def test_file_that_is_no_sound_has_no_speech(world: World) -> None:
    (world.spool / "c1.r1.wav").write_bytes(b"RIFF")
    assert world.files.speech_ms(R1) is None


@pytest.mark.parametrize("torn", [1, 2, 3, 44, 319, 321])
def test_torn_recording_is_read_as_far_as_it_goes(world: World, torn: int) -> None:
    path = world.record(speech_s=2.0, silent_s=0)
    path.write_bytes(path.read_bytes()[:-torn])
    assert world.files.speech_ms(R1) == (1_980 if torn <= 320 else 1_960)


def test_header_of_an_odd_length_is_read(world: World) -> None:
    path = world.record(speech_s=2.0, silent_s=0)
    sound = bytearray(path.read_bytes()[:-1])
    sound[40:44] = (len(sound) - 44).to_bytes(4, "little")
    path.write_bytes(sound)
    assert world.files.speech_ms(R1) == 1_980


def test_any_beginning_of_a_recording_is_read_or_refused(world: World) -> None:
    path = world.record(speech_s=0.1, silent_s=0)
    sound = path.read_bytes()
    for kept in range(60):
        path.write_bytes(sound[:kept])
        assert world.files.speech_ms(R1) in (None, 0), kept


@pytest.mark.parametrize("shape", [(2, 2, 8_000), (1, 1, 8_000), (1, 2, 16_000)])
def test_sound_of_another_shape_is_no_recording(world: World, shape: tuple[int, int, int]) -> None:
    with wave.open(str(world.spool / "c1.r1.wav"), "wb") as out:
        out.setparams((*shape, 0, "NONE", ""))
        out.writeframes(b"ab" * 4_000)
    assert world.files.speech_ms(R1) is None


def test_long_recording_is_looked_at_in_pieces(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    read = wave.Wave_read.readframes

    def counted(source: wave.Wave_read, samples: int) -> bytes:
        looked.append(samples)
        return read(source, samples)

    world.record(speech_s=6.0, silent_s=0)
    sound = (world.spool / "c1.r1.wav").read_bytes()[44:]
    with wave.open(str(world.spool / "c1.r1.wav"), "wb") as out:
        out.setparams((1, 2, 8_000, 0, "NONE", ""))
        out.writeframes(sound * 40 + bytes(len(sound)) * 60)
    monkeypatch.setattr(wave.Wave_read, "readframes", counted)
    assert world.files.speech_ms(R1) == 240_000
    assert len(looked) <= PIECES_MAX
    assert sum(looked) <= 30 * RATE_HZ


def test_kept_message_is_moved_and_private(world: World) -> None:
    spooled = world.record()
    sound = spooled.read_bytes()
    world.keep()
    kept = world.files.path(V1)
    assert world.state() is MessageState.KEPT
    assert not spooled.exists()
    assert kept.read_bytes() == sound
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700


def test_message_is_kept_once_by_its_intent(world: World) -> None:
    world.store.journal.append([], [intent("voice:c1.v1")], lambda: None)
    world.record()
    world.keep(key="voice:c1.v1")
    world.files.path(V1).unlink()
    world.record()
    world.keep(key="voice:c1.v1")
    assert (world.spool / "c1.r1.wav").exists(), "kept a second time"
    assert world.store.journal.open_intents() == []


def test_crash_between_file_and_row_is_healed(world: World) -> None:
    world.store.journal.append([], [intent("voice:c1.v1")], lambda: None)
    world.record()
    world.files.take_over(R1, V1)
    world.keep(key="voice:c1.v1")
    assert world.state() is MessageState.KEPT
    assert world.notes == []


def test_missing_recording_is_told_as_lost(world: World) -> None:
    world.keep()
    assert world.state() is MessageState.LOST
    assert world.notes == [
        ("voice_message_lost", {"message": "c1.v1", "problem": "No such file or directory"})
    ]
    shown = world.run("messages", "list")
    assert "lost" in shown.stdout
    told = world.run("messages", "export", "c1.v1", "--to", str(world.folder / "x.wav"))
    assert told.exit_code == 1
    assert "its recording was lost" in told.stderr


def test_folder_that_takes_nothing_loses_the_message_and_nothing_else(world: World) -> None:
    world.record()
    (world.data / "messages").write_text("no folder")
    world.keep()
    assert world.state() is MessageState.LOST
    assert (world.spool / "c1.r1.wav").exists()
    world.store.records.write(record("c1"), wall=WALL)
    world.store.journal.flush()
    assert world.store.contacts.one("c1") is not None


def test_sweep_removes_only_what_is_old(world: World) -> None:
    old, young = world.record("c1.r1"), world.record("c2.r1")
    long_ago = old.stat().st_mtime - ORPHAN_KEPT_S - 60
    os.utime(old, (long_ago, long_ago))
    world.voice.sweep()
    world.store.journal.flush()
    assert not old.exists()
    assert young.exists()
    assert world.notes == [("recordings_left", {"removed": "1", "younger": "1"})]


def test_discarded_recording_is_gone(world: World) -> None:
    spooled = world.record()
    world.files.discard(R1)
    world.files.discard(R1)
    assert not spooled.exists()


def test_messages_are_listed_latest_first_with_masked_numbers(world: World) -> None:
    caller = world.store.parties.refer("13800138001")
    world.record()
    world.keep(replace(KEEP, customer=caller))
    world.record("c2.r1")
    later = replace(
        KEEP, message=VoiceMessageId("c2.v1"), recording=RecordingId("c2.r1"), hotline="12580"
    )
    world.voice.keep_message(later, wall=WALL + 1)
    world.store.journal.flush()
    listed = json.loads(world.run("messages", "list", "--format", "json").stdout)["messages"]
    assert [each["message"] for each in listed] == ["c2.v1", "c1.v1"]
    assert listed[1] == {
        "message": "c1.v1",
        "contact": "c1",
        "hotline": "10086",
        "topic": "data",
        "language": "zh-CN",
        "customer": "138****8001",
        "left": "2025-10-09T08:53:20.000+00:00",
        "speech_ms": 2_500,
        "state": "kept",
    }
    text = world.run("messages", "list", "--hotline", "10086").stdout
    assert "138****8001" in text
    assert "2.5 s" in text
    assert "c2.v1" not in text
    assert "13800138001" in world.run("messages", "list", "--reveal").stdout


def test_exported_message_is_the_recording(world: World) -> None:
    sound = world.record().read_bytes()
    world.keep()
    to = world.folder / "out.wav"
    done = world.run("messages", "export", "c1.v1", "--to", str(to))
    assert done.exit_code == 0, done.stderr
    assert to.read_bytes() == sound
    assert to.stat().st_mode & 0o777 == 0o600
    assert world.files.path(V1).exists()


def test_export_replaces_a_file_only_when_told_to(world: World) -> None:
    sound = world.record().read_bytes()
    world.keep()
    to = world.folder / "out.wav"
    to.write_bytes(b"mine")
    command = ("messages", "export", "c1.v1", "--to", str(to))
    done = world.run(*command)
    assert done.exit_code == 2
    assert "out.wav is there already" in done.stderr
    assert to.read_bytes() == b"mine"
    assert world.run(*command, "--force").exit_code == 0
    assert to.read_bytes() == sound


@pytest.mark.parametrize("name", ["expertline.db", "new.wav", "messages/c1.v1.wav", "link/new.wav"])
def test_export_never_writes_into_the_data_folder(world: World, name: str) -> None:
    sound = world.record().read_bytes()
    world.keep()
    (world.data / "link").symlink_to(world.data)
    before = {each: each.stat().st_mtime_ns for each in world.data.rglob("*.wav")}
    done = world.run("messages", "export", "c1.v1", "--to", str(world.data / name), "--force")
    assert done.exit_code == 2
    assert "the engine's own data folder" in done.stderr
    assert {each: each.stat().st_mtime_ns for each in world.data.rglob("*.wav")} == before
    assert world.files.path(V1).read_bytes() == sound


def test_export_on_a_full_disk_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.record()
    world.keep()

    def full(source: object, out: IO[bytes]) -> None:
        del source
        out.write(b"RIFF")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    before = set(world.folder.iterdir())
    done = world.run("messages", "export", "c1.v1", "--to", str(world.folder / "out.wav"))
    assert done.exit_code == 2
    assert done.stderr.endswith("out.wav cannot be written: No space left on device\n")
    assert set(world.folder.iterdir()) == before


@pytest.mark.parametrize(
    "words",
    [
        ("messages", "list", "--hotline", "\udcff\udcfe"),
        ("messages", "export", "\udcff\udcfe", "--to", "x.wav"),
        ("messages", "delete", "\udcff\udcfe"),
        ("contacts", "show", "\udcff\udcfe"),
        ("outbox", "show", "\udcff\udcfe"),
        ("orders", "show", "\udcff\udcfe"),
    ],
)
def test_argument_that_is_no_text_is_one_sentence(world: World, words: tuple[str, ...]) -> None:
    done = world.run(*words)
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert done.stderr.startswith("expertline: ")
    assert done.stderr.count("\n") == 1


def test_deleted_message_is_gone_and_stays_on_record(world: World) -> None:
    world.record()
    world.keep()
    done = world.run("messages", "delete", "c1.v1")
    assert done.stdout == "c1.v1: deleted.\n"
    assert not world.files.path(V1).exists()
    assert "No voice message." in world.run("messages", "list").stdout
    assert "deleted" in world.run("messages", "list", "--all").stdout
    again = world.run("messages", "delete", "c1.v1")
    assert again.exit_code == 1
    assert "it has been deleted" in again.stderr


@pytest.mark.parametrize("words", [("delete", "c9.v1"), ("export", "c9.v1", "--to", "x.wav")])
def test_unknown_message_is_one_sentence(world: World, words: tuple[str, ...]) -> None:
    done = world.run("messages", *words)
    assert done.exit_code == 1
    assert "there is no voice message 'c9.v1'" in done.stderr


def test_message_beyond_reach_of_an_export_is_one_sentence(world: World) -> None:
    world.record()
    world.keep()
    done = world.run("messages", "export", "c1.v1", "--to", str(world.folder / "no" / "x.wav"))
    assert done.exit_code == 1
    assert "no is not there" in done.stderr


def test_contact_tells_that_a_message_was_left(world: World) -> None:
    told = replace(record("c1"), voice_messages=(V1,), reason="message")
    world.store.records.write(told, wall=WALL)
    world.store.journal.flush()
    listed = json.loads(world.run("contacts", "show", "c1", "--format", "json").stdout)
    assert listed["voice_messages"] == ["c1.v1"]


def test_beep_is_there_for_both_codecs(tmp_path: Path) -> None:
    assert write_beep(tmp_path / "sounds") == f"sound:{tmp_path}/sounds/beep"
    assert {each.name for each in (tmp_path / "sounds").iterdir()} == {"beep.alaw", "beep.ulaw"}

"""Whatever a recording's file is like, its end is told once, before the leg's own."""

import wave
from pathlib import Path

import pytest
from engine_harness import Media, Parties

from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.legs import HeldLeg
from ivr.adapters.ari.recording import Recordings
from ivr.adapters.voice_files import VoiceFiles
from ivr.call.events import RecordingFinished
from ivr.call.model import LegId
from ivr.call.voice import RecordingId, RecordingOutcome
from ivr.ports import TelephonyEvent
from router.model import ContactId

pytestmark = pytest.mark.unit

R1 = RecordingId("c1.r1")


def sound() -> bytes:
    return b"\x00\x40" * 16_000


def header(*, channels: int = 1, data_bytes: int = 32_000) -> bytes:
    riff = b"RIFF" + (data_bytes + 36).to_bytes(4, "little") + b"WAVEfmt " + b"\x10\0\0\0\x01\0"
    rates = (8_000).to_bytes(4, "little") + (16_000).to_bytes(4, "little")
    shape = channels.to_bytes(2, "little") + rates + b"\x02\0\x10\0"
    return riff + shape + b"data" + data_bytes.to_bytes(4, "little")


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (header() + sound(), RecordingOutcome.RECORDED),
        (header() + sound()[:-1], RecordingOutcome.RECORDED),
        (header(data_bytes=31_999) + sound()[:-1], RecordingOutcome.RECORDED),
        (header() + sound()[:4_001], RecordingOutcome.EMPTY),
        (header(), RecordingOutcome.EMPTY),
        (header(channels=0) + sound(), RecordingOutcome.FAILED),
        (header()[:41], RecordingOutcome.FAILED),
        (b"", RecordingOutcome.FAILED),
        (b"\xff" * 1_001, RecordingOutcome.FAILED),
        (None, RecordingOutcome.FAILED),
    ],
)
def test_end_of_a_leg_tells_the_end_of_its_recording(
    tmp_path: Path, content: bytes | None, outcome: RecordingOutcome
) -> None:
    notes: list[str] = []
    told: list[TelephonyEvent] = []
    edges = Edges(
        media=Media(),
        parties=Parties(),
        new_contact=lambda: ContactId("c1"),
        note=lambda kind, _details: notes.append(kind),
        recordings=VoiceFiles(tmp_path, tmp_path / "kept"),
    )
    if content is not None:
        (tmp_path / "c1.r1.wav").write_bytes(content)
    recordings = Recordings(edges, told.append)
    held = HeldLeg(LegId("l1"), "ch1")
    recordings.begin(held, R1, lambda: None)
    recordings.end_of(held)
    recordings.end_of(held)
    (event,) = told
    assert isinstance(event, RecordingFinished)
    assert (event.outcome, event.leg_is_ending) == (outcome, True)
    assert notes == (["recording_unreadable"] if outcome is RecordingOutcome.FAILED else [])


def test_header_made_here_is_one_of_a_sound_file(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(header() + sound())
    with wave.open(str(tmp_path / "a.wav"), "rb") as made:
        assert (made.getframerate(), made.getnframes()) == (8_000, 16_000)

"""What a phone's mouth sends and its ear keeps, as packets and literal times."""

import struct
from pathlib import Path

import numpy as np
import pytest

from ivr.prompts import g711
from simulator.live import hearing
from simulator.live.phone.ear import Ear, HeardTimeline, level_dbfs
from simulator.live.phone.limits import DIGITS_WAITING_MAX
from simulator.live.phone.rtp import PCMA, PCMU, Mouth, RtpPacket, tone_second

pytestmark = pytest.mark.unit

MS = 1_000_000
EVENTS = 101
LOUD = g711.encode(np.full(160, 8000, dtype=np.int16), "alaw")
QUIET = g711.encode(np.zeros(160, dtype=np.int16), "alaw")


def packet(*, timestamp: int, payload: bytes = LOUD, kind: int = PCMA, ssrc: int = 7) -> bytes:
    return struct.pack("!BBHII", 0x80, kind, 0, timestamp & 0xFFFFFFFF, ssrc) + payload


def recording(ear: Ear, folder: Path) -> hearing.Samples:
    ear.write(folder / "r.wav", folder / "r.timeline")
    return hearing.read_wav(folder / "r.wav")


def parsed(datagrams: list[bytes]) -> list[RtpPacket]:
    packets = [RtpPacket.parse(one) for one in datagrams]
    return [one for one in packets if one is not None]


def test_audio_packets_follow_each_other_in_sequence_and_time() -> None:
    mouth = Mouth(ssrc=5)
    first, second = parsed([*mouth.packets(), *mouth.packets()])
    assert first.marker
    assert not second.marker
    assert second.sequence == (first.sequence + 1) & 0xFFFF
    assert second.timestamp == (first.timestamp + 160) & 0xFFFFFFFF
    assert first.payload == QUIET


def test_a_tone_joins_itself_over_the_second() -> None:
    mouth = Mouth(ssrc=5)
    mouth.tone(441)
    codes = b"".join(one.payload for _ in range(120) for one in parsed(mouth.packets()))
    samples = g711.decode(codes, "alaw").astype(np.int32)
    assert int(np.max(np.abs(np.diff(samples)))) < 9000 * 2 * np.pi * 441 / 8000 * 1.1
    assert hearing.tone_level(g711.decode(codes, "alaw"), 441) == pytest.approx(-14.2, abs=0.2)


def test_the_negotiated_codec_is_spoken() -> None:
    mouth = Mouth(ssrc=5)
    mouth.speak(payload_type=PCMU, event_type=EVENTS)
    mouth.tone(440)
    (said,) = parsed(mouth.packets())
    assert said.payload_type == PCMU
    assert said.payload == tone_second(440, PCMU)[:160]


def test_a_digit_is_one_event_with_its_end_said_three_times() -> None:
    mouth = Mouth(ssrc=5)
    mouth.speak(payload_type=PCMA, event_type=EVENTS)
    due = mouth.press("5")
    said = parsed([one for _ in range(10) for one in mouth.packets()])
    events = [one for one in said if one.payload_type == EVENTS]
    assert len({one.timestamp for one in events}) == 1
    assert [one.marker for one in events] == [True] + [False] * 7
    assert [one.event() for one in events] == [("5", False)] * 5 + [("5", True)] * 3
    durations = [int.from_bytes(one.payload[2:4], "big") for one in events]
    assert durations == [160, 320, 480, 640, 800, 960, 960, 960]
    assert mouth.digits_sent == due


def test_equal_digits_in_a_row_are_heard_as_two() -> None:
    mouth, ear = Mouth(ssrc=5), Ear()
    mouth.speak(payload_type=PCMA, event_type=EVENTS)
    ear.expect(event_type=EVENTS)
    mouth.press("1#1")
    heard = [ear.hear(one, step * 20 * MS) for step in range(40) for one in mouth.packets()]
    assert [digit for digit in heard if digit] == ["1", "#", "1"]


@pytest.mark.parametrize("wrong", ["", "x", "12e"])
def test_what_is_no_key_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="telephone keys"):
        Mouth(ssrc=5).press(wrong)


def test_too_many_waiting_digits_are_refused() -> None:
    mouth = Mouth(ssrc=5)
    mouth.press("1" * DIGITS_WAITING_MAX)
    with pytest.raises(ValueError, match="press fewer"):
        mouth.press("1")


def test_a_lost_packet_is_silence_of_its_length(tmp_path: Path) -> None:
    ear = Ear()
    for step in (0, 1, 4):
        ear.hear(packet(timestamp=1000 + 160 * step), step * 20 * MS)
    heard = recording(ear, tmp_path)
    assert heard.size == 5 * 160
    assert not heard[320:640].any()
    assert heard[640:].all()


def test_a_late_packet_goes_to_its_own_place(tmp_path: Path) -> None:
    ear = Ear()
    for step, at_ms in ((0, 0), (2, 40), (1, 55)):
        ear.hear(packet(timestamp=160 * step), at_ms * MS)
    assert recording(ear, tmp_path).all()


def test_timestamps_that_wrap_do_not_break_the_recording(tmp_path: Path) -> None:
    ear = Ear()
    for step in range(3):
        ear.hear(packet(timestamp=0xFFFFFF60 + 160 * step), step * 20 * MS)
    assert recording(ear, tmp_path).size == 480


@pytest.mark.parametrize(("timestamp", "ssrc"), [(9_000_000, 7), (320, 8)])
def test_a_new_source_is_placed_by_its_arrival(timestamp: int, ssrc: int, tmp_path: Path) -> None:
    ear = Ear()
    ear.hear(packet(timestamp=0), 0)
    ear.hear(packet(timestamp=timestamp, ssrc=ssrc), 500 * MS)
    heard = recording(ear, tmp_path)
    assert heard.size == 4000 + 160
    assert not heard[160:4000].any()


def test_the_timeline_has_arrival_and_level_of_each_packet(tmp_path: Path) -> None:
    ear = Ear()
    ear.hear(packet(timestamp=0, payload=QUIET), 5 * MS)
    ear.hear(packet(timestamp=160), 26 * MS)
    recording(ear, tmp_path)
    timeline = HeardTimeline.read(tmp_path / "r.timeline")
    assert [at for at, _ in timeline] == [5 * MS, 26 * MS]
    assert timeline.first_above(-45) == 26 * MS
    assert timeline.first_above(-45, since_ns=27 * MS) is None
    assert level_dbfs(g711.decode(QUIET, "alaw")) < -70


@pytest.mark.parametrize(
    "junk", [b"", b"x" * 11, b"\x00" * 40, b"\x80\xc8" + bytes(30), b"\x9f\x08"]
)
def test_what_is_no_rtp_is_left_out(junk: bytes) -> None:
    ear = Ear()
    assert ear.hear(junk, 0) is None
    assert ear.packets == 0


def test_a_header_extension_is_not_taken_for_sound() -> None:
    plain = packet(timestamp=0)
    extended = bytes([0x90]) + plain[1:12] + b"\xbe\xde\x00\x01abcd" + plain[12:]
    (said,) = parsed([extended])
    assert said.payload == LOUD


def test_skipped_time_shows_in_the_timestamps_only() -> None:
    mouth = Mouth(ssrc=5)
    first, *_ = parsed(mouth.packets())
    mouth.skip(10)
    second, *_ = parsed(mouth.packets())
    assert second.timestamp == (first.timestamp + 11 * 160) & 0xFFFFFFFF
    assert second.sequence == (first.sequence + 1) & 0xFFFF

"""G.711 against the recommendation's own figures."""

import hashlib

import numpy as np
import pytest

from ivr.prompts import g711
from ivr.prompts.g711 import Codec

pytestmark = pytest.mark.unit

ALL_CODES = bytes(range(256))
ALL_SAMPLES = np.arange(-32768, 32768).astype(np.int16)


@pytest.mark.parametrize(
    ("codec", "sequence", "level_dbm0"),
    [
        # G.711 tables 5 and 6: eight bytes that repeated are a 1 kHz sine of 0 dBm0, when the
        # largest sine the law can carry has 3.14 dBm0 (A) and 3.17 dBm0 (mu).
        ("alaw", "34 21 21 34 b4 a1 a1 b4", 3.14),
        ("ulaw", "1e 0b 0b 1e 9e 8b 8b 9e", 3.17),
    ],
)
def test_digital_milliwatt_of_the_recommendation_has_its_level(
    codec: Codec, sequence: str, level_dbm0: float
) -> None:
    data = bytes.fromhex(sequence)
    samples = g711.decode(data, codec)
    assert g711.encode(samples, codec) == data
    # The law's scale ends at 2^15 in ours for A (4096 of 13 bits) and at 8159 of 14 bits for mu.
    full = 32768 if codec == "alaw" else 8159 * 4
    sine_rms = full / np.sqrt(2)
    level_db = 20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2)) / sine_rms)
    assert level_db == pytest.approx(-level_dbm0, abs=0.02)


@pytest.mark.parametrize(
    ("codec", "code", "sample"),
    [
        # Values at the decoder's output from tables 1 and 2, in 16-bit scale; both ends and zero.
        ("alaw", 0xD5, 8),
        ("alaw", 0x55, -8),
        ("alaw", 0xAA, 32256),
        ("alaw", 0x2A, -32256),
        ("ulaw", 0xFF, 0),
        ("ulaw", 0x7F, 0),
        ("ulaw", 0x80, 32124),
        ("ulaw", 0x00, -32124),
    ],
)
def test_ends_and_middle_of_the_tables(codec: Codec, code: int, sample: int) -> None:
    assert g711.decode(bytes([code]), codec)[0] == sample


@pytest.mark.parametrize(
    ("codec", "digest"),
    [
        # Of all 65,536 encodings. A-law agreed byte for byte with the C code that Python had
        # until 3.12; mu-law differs from it only where a negative sample lies on a decision value.
        ("alaw", "38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b"),
        ("ulaw", "90c29de505fb68e766118303bd552a16005dcf810873698bee1d8f3b247ce28c"),
    ],
)
def test_encoding_of_every_sample_is_unchanged(codec: Codec, digest: str) -> None:
    assert hashlib.sha256(g711.encode(ALL_SAMPLES, codec)).hexdigest() == digest


@pytest.mark.parametrize("codec", ["alaw", "ulaw"])
def test_every_code_survives_decoding_and_encoding(codec: Codec) -> None:
    again = g711.encode(g711.decode(ALL_CODES, codec), codec)
    different = [code for code in range(256) if again[code] != code]
    # mu-law has two zeros, of which the positive is sent.
    assert different == ([0x7F] if codec == "ulaw" else [])


@pytest.mark.parametrize("codec", ["alaw", "ulaw"])
def test_error_is_within_half_a_step_everywhere(codec: Codec) -> None:
    decoded = g711.decode(g711.encode(ALL_SAMPLES, codec), codec).astype(np.int32)
    wanted = ALL_SAMPLES.astype(np.int32)
    inside = np.abs(wanted) <= g711.peak(codec)
    error = np.abs(decoded - wanted)[inside]
    # Sixteen steps to a segment, which doubles; mu-law's begin 132 below a power of two.
    step = np.maximum(16, (np.abs(wanted[inside]) + 136) / 16)
    assert np.all(error <= step / 2)

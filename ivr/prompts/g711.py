"""ITU-T G.711: 16-bit samples to the bytes of the telephone network and back, by table.

A-law is what the trunks of this hotline carry, mu-law what those of North America and Japan do.
Prompts are stored as these bytes, so that Asterisk copies them into RTP without transcoding.

The decoding tables follow the recommendation's tables 1 and 2 (segments of doubling step, all
even bits of A-law and all bits of mu-law inverted). Encoding is the inverse by decision values:
a sample gets the code whose interval it lies in.
"""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Codec = Literal["alaw", "ulaw"]
Samples = npt.NDArray[np.int16]
Bytes = npt.NDArray[np.uint8]

_ALAW_INVERSION: Final = 0x55
_ULAW_BIAS: Final = 33  # on the recommendation's 14-bit scale
_ULAW_MAGNITUDE_MAX: Final = 0x1FFF  # above it the top segment would overflow


def encode(samples: Samples, codec: Codec) -> bytes:
    """The samples as G.711 bytes, one per sample."""
    table = _ALAW_ENCODE if codec == "alaw" else _ULAW_ENCODE
    return table[samples.astype(np.int32) + 32768].tobytes()


def decode(data: bytes, codec: Codec) -> Samples:
    """The 16-bit samples that these G.711 bytes stand for."""
    table = _ALAW_DECODE if codec == "alaw" else _ULAW_DECODE
    return table[np.frombuffer(data, dtype=np.uint8)]


def peak(codec: Codec) -> int:
    """The largest sample this codec can express: a run of it is clipped audio."""
    return int(np.max(_ALAW_DECODE if codec == "alaw" else _ULAW_DECODE))


def _alaw_decode_table() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ _ALAW_INVERSION
    segment, step = (code >> 4) & 7, code & 15
    linear = np.where(segment == 0, step * 16 + 8, (step * 16 + 264) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, linear, -linear).astype(np.int16)


def _ulaw_decode_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    segment, step = (code >> 4) & 7, code & 15
    linear = (((step * 2 + _ULAW_BIAS) << segment) - _ULAW_BIAS) * 4
    return np.where(code & 0x80, -linear, linear).astype(np.int16)


def _alaw_encode_table() -> Bytes:
    value = np.arange(-32768, 32768, dtype=np.int32)
    # The recommendation's 12-bit magnitude; negative samples in ones' complement, as in G.191.
    magnitude = np.where(value < 0, ~value, value) >> 4
    segment = _bit_length(magnitude >> 4)
    step = (magnitude >> np.maximum(segment - 1, 0)) & 15
    sign = np.where(value < 0, 0, 0x80)
    return ((sign | segment << 4 | step) ^ _ALAW_INVERSION).astype(np.uint8)


def _ulaw_encode_table() -> Bytes:
    value = np.arange(-32768, 32768, dtype=np.int32)
    # The recommendation's 13-bit magnitude, biased so that every segment begins at a power of 2.
    magnitude = (np.where(value < 0, ~value, value) >> 2) + _ULAW_BIAS
    magnitude = np.minimum(magnitude, _ULAW_MAGNITUDE_MAX)
    segment = _bit_length(magnitude >> 6)
    step = (magnitude >> (segment + 1)) & 15
    sign = np.where(value < 0, 0x80, 0)
    return (~(sign | segment << 4 | step) & 0xFF).astype(np.uint8)


def _bit_length(values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    powers = 1 << np.arange(7, dtype=np.int32)
    return np.searchsorted(powers, values, side="right").astype(np.int32)


_ALAW_DECODE: Final = _alaw_decode_table()
_ULAW_DECODE: Final = _ulaw_decode_table()
_ALAW_ENCODE: Final = _alaw_encode_table()
_ULAW_ENCODE: Final = _ulaw_encode_table()

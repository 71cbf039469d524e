"""SHA-512 crypt against the vectors published with its specification."""

from __future__ import annotations

import pytest

from ivr.adapters.conf.sha512_crypt import sha512_crypt

pytestmark = pytest.mark.unit

# From "Unix crypt using SHA-256 and SHA-512" (U. Drepper), its own test program.
VECTORS: list[tuple[str, str, int | None, str]] = [
    (
        "Hello world!",
        "saltstring",
        None,
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEd"
        "FCoEOfaS35inz1",
    ),
    (
        "Hello world!",
        "saltstringsaltstring",
        10_000,
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp"
        "8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
    ),
    (
        "we have a short salt string but not a short password",
        "short",
        77_777,
        "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeO"
        "xFmtlcGZelFl5CxtgfiAc0",
    ),
    (
        "a very much longer text to encrypt.  This one even stretches over morethan one line.",
        "anotherlongsaltstring",
        1_400,
        "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs6"
        "6x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
    ),
    (
        "the minimum number is still observed",
        "roundstoolow",
        10,
        "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTf"
        "F4ZEQpyUNGc0dqbpBYYBaHHrsX.",
    ),
]


@pytest.mark.parametrize(("password", "salt", "rounds", "wanted"), VECTORS)
def test_published_vector_is_met(password: str, salt: str, rounds: int | None, wanted: str) -> None:
    assert sha512_crypt(password, salt, rounds=rounds) == wanted

"""SHA-512 crypt ("$6$"), the form in which Asterisk accepts a hashed ARI password.

Written out here because every other way is worse: Python's `crypt` is deprecated in 3.11 and gone
in 3.13, `openssl passwd -6` cannot choose the rounds and may be absent, and the usual hashing
packages are unmaintained or do not speak this scheme. The steps are numbered as in the published
specification ("Unix crypt using SHA-256 and SHA-512", U. Drepper), whose own test vectors are
our unit tests.
"""

from __future__ import annotations

import hashlib

# The bounds are the algorithm's own.
ROUNDS_MIN = 1_000
ROUNDS_MAX = 999_999_999
ROUNDS_DEFAULT = 5_000
SALT_CHARACTERS_MAX = 16
DIGEST_BYTES = 64

ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def sha512_crypt(password: str, salt: str, *, rounds: int | None = None) -> str:
    """The crypt string `$6$[rounds=N$]salt$hash` of a password.

    The rounds are named only when given, as in the specification: 5,000 is understood otherwise.
    """
    turns = min(max(rounds or ROUNDS_DEFAULT, ROUNDS_MIN), ROUNDS_MAX)
    short_salt = salt[:SALT_CHARACTERS_MAX]
    digest = _stretch(password.encode(), short_salt.encode(), turns)
    named = "" if rounds is None else f"rounds={turns}$"
    return f"$6${named}{short_salt}${_encode(digest)}"


def _stretch(key: bytes, salt: bytes, turns: int) -> bytes:
    first = _first_digest(key, salt)
    # Steps 13-16: P, as long as the key; steps 17-20: S, as long as the salt.
    p_bytes = _repeat(hashlib.sha512(key * len(key)).digest(), len(key))
    s_bytes = _repeat(hashlib.sha512(salt * (16 + first[0])).digest(), len(salt))
    digest = first
    for turn in range(turns):  # step 21
        turn_hash = hashlib.sha512(p_bytes if turn % 2 else digest)
        if turn % 3:
            turn_hash.update(s_bytes)
        if turn % 7:
            turn_hash.update(p_bytes)
        turn_hash.update(digest if turn % 2 else p_bytes)
        digest = turn_hash.digest()
    return digest


def _first_digest(key: bytes, salt: bytes) -> bytes:
    b_digest = hashlib.sha512(key + salt + key).digest()  # steps 4-8
    a_hash = hashlib.sha512(key + salt)  # steps 1-3
    a_hash.update(_repeat(b_digest, len(key)))  # steps 9-10
    length = len(key)
    while length:  # step 11: at most one turn per bit of the key's length
        a_hash.update(b_digest if length & 1 else key)
        length >>= 1
    return a_hash.digest()  # step 12


def _repeat(block: bytes, length: int) -> bytes:
    return (block * (length // len(block) + 1))[:length]


def _encode(digest: bytes) -> str:
    # Step 22: triples of bytes 21 and 42 apart, rotating, six bits at a time from the lowest.
    text: list[str] = []
    for start in range(21):
        triple = (start, start + 21, start + 42)
        turn = start % 3
        high, middle, low = (*triple[turn:], *triple[:turn])
        text.append(_six_bits(digest[high] << 16 | digest[middle] << 8 | digest[low], 4))
    text.append(_six_bits(digest[DIGEST_BYTES - 1], 2))
    return "".join(text)


def _six_bits(value: int, characters: int) -> str:
    return "".join(ALPHABET[value >> (6 * place) & 63] for place in range(characters))

"""Inputs made from good ones by a seeded generator: what nobody writes, and what slips in.

Our own and not a library's: a mutator that knows YAML's traps, takes its seeds from the samples and
the broken sites, and can be run again from a number, is 100 lines. Hypothesis draws structures well
but no files of a megabyte, and the coverage-guided fuzzers need an instrumented interpreter.
"""

import random
from collections.abc import Callable, Sequence

BYTES_MAX = 1_100_000
"""A little more than a file may have, so that its limit is met too."""

CHANGES = (1, 1, 1, 2, 3, 6)
"""Mutations of one input; more of them make noise that is refused at its first line."""

REPEATED_MAX = 60_000
"""Copies of one piece: to meet limits of number, depth and size."""

TOKENS = tuple(
    token.encode("latin-1")
    for line in (
        "&a |*a|<<: *a|!!python/object:os.system |!!binary |!!set|%YAML 1.1|---\n|...\n|\t|\r|\r\n",
        "\x00|\xff\xfe|\xef\xbb\xbf|\xed\xa0\x80|\xe2\x80\xa8|\xc2\x85|\xf0\x9f\x98\x80|\xc3\xa9",
        "no|yes|~|null|true|08|1:30|0x1f|.inf|1e999|-1|0|0.5|999999999999999999999|2026-10-01",
        '[|]|{|}|: |, |? |- |>-\n|"|\'|#|\\u0000|\\x|": |[]|{}|[[[[[[[[|{a: {a: {a: |(|)|${x}',
        "10s|10ms|0s|9999h|data >= 2| or | and | == |main|menu:|play:|queue:|hangup:|set:|next:",
        "say:|branch:|collect:|hours:|when:|else:|goto|choices:|on:|prompt:|times: 0|limits:",
        "lookup:|services:|service:|https://a@b.test/?c#d|method: get|sends:|answers:|send:|into:",
        "message:|{template: a}|messages:|parts: 4|{a}|{{|}}|no_number:|ask:|question: a|[1, 1]",
        "subflow:|return:|goto:|{goto: {flow: a}}|{subflow: {flow: shared/a}, next: a}|with:|exit:",
        "defaults:|{return: {exit: ok}}|{return: }|flows:|caller_known|on: {ok: a}|barge_in: false",
        "record:|topic: a|max: 10m|silence: 1s|empty:|{record: {prompt: a, topic: b}, next: c}",
        "transfer:|{agent: a, wait: 1s}|{expert: a >= 1, wait: 5h}|{outside: a}|no_answer:|busy:",
        "outside_numbers:|a: {number: +1}|ring: 5s|context: [a, a]|keys: {1: a}|keys: {*: a, #: b}",
        "sensitive: true|type: secret|into: pin|{type: secret, default: 1}|pin == 1",
        "max: 0|{x:money}|before: none|closed: storm|recording: failed|"
        "caller|failed:|not_found:|lost:|found|secret|timeout: 99s|retries: 4|cache: 0s|http://[::1]",
    )
    for token in line.split("|")
)
"""What means something in YAML or in ours, and what must mean nothing."""


def mutated(seed: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Another input, near to ``seed``; never longer than ``BYTES_MAX``."""
    if chance.random() < 0.02:
        return chance.randbytes(chance.choice((0, 1, 7, 100, 5_000)))
    made = bytearray(seed)
    for _ in range(chance.choice(CHANGES)):
        change = chance.choice(_CHANGES)
        made = change(made, others, chance)[:BYTES_MAX]
    return bytes(made)


def _cut(data: bytearray, chance: random.Random) -> tuple[int, int]:
    """Where a piece of it begins and ends; short ones mostly."""
    begin = chance.randint(0, len(data))
    return begin, min(len(data), begin + chance.choice((1, 1, 3, 10, 80, len(data))))


def _drop(data: bytearray, _others: Sequence[bytes], chance: random.Random) -> bytearray:
    begin, end = _cut(data, chance)
    return data[:begin] + data[end:]


def _insert(data: bytearray, _others: Sequence[bytes], chance: random.Random) -> bytearray:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(TOKENS) + data[at:]


def _replace(data: bytearray, _others: Sequence[bytes], chance: random.Random) -> bytearray:
    begin, end = _cut(data, chance)
    return data[:begin] + chance.choice(TOKENS) + data[end:]


def _flip(data: bytearray, _others: Sequence[bytes], chance: random.Random) -> bytearray:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return data


def _splice(data: bytearray, others: Sequence[bytes], chance: random.Random) -> bytearray:
    other = bytearray(chance.choice(others))
    begin, end = _cut(other, chance)
    at = chance.randint(0, len(data))
    return data[:at] + other[begin:end] + data[at:]


def _repeat(data: bytearray, _others: Sequence[bytes], chance: random.Random) -> bytearray:
    begin, end = _cut(data, chance)
    piece = data[begin:end]
    times = chance.choice((2, 3, 30, 1_000, REPEATED_MAX))
    room = max(0, BYTES_MAX - len(data) - chance.choice((0, 150_000)))
    return data[:end] + piece * min(times, room // max(1, len(piece))) + data[end:]


def _lines(data: bytearray, _others: Sequence[bytes], chance: random.Random) -> bytearray:
    """One line doubled, moved, indented or taken away: what an editor does by mistake."""
    lines = bytes(data).split(b"\n")
    number = chance.randrange(len(lines))
    line = lines[number]
    match chance.randrange(4):
        case 0:
            lines.insert(chance.randint(0, len(lines)), line)
        case 1:
            lines[number] = b" " * chance.choice((1, 2, 4, 40)) + line
        case 2:
            lines[number] = line.lstrip()
        case _:
            del lines[number]
    return bytearray(b"\n".join(lines))


def _words(data: bytearray, _others: Sequence[bytes], chance: random.Random) -> bytearray:
    """One word in the place of another of the same file: the right kind at the wrong place."""
    words = bytes(data).split(b" ")
    words[chance.randrange(len(words))] = words[chance.randrange(len(words))]
    return bytearray(b" ".join(words))


_Change = Callable[[bytearray, Sequence[bytes], random.Random], bytearray]

_CHANGES: tuple[_Change, ...] = (
    *(_drop, _insert, _insert, _replace, _flip, _splice),
    *(_repeat, _lines, _lines, _words, _words),
)

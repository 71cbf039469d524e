"""Files near the size limit that are as an author would write them, but for how much there is.

The mutator makes long files of one short piece; what costs time is often many different names.
"""

from collections.abc import Iterable

LINES = 8_000
"""Enough to come near the limit of values in one file."""


def grown_files() -> list[bytes]:
    """Large files of every kind."""
    files = (_agents(), _queues(), _chain(), _menus(), _cycle(), _requirement(), _unknown_names())
    return [file.encode() for file in files]


def _agents() -> str:
    people = (f'  "{n}": {{name: Expert {n}, skills: {{general: 2}}}}' for n in range(LINES))
    devices = (f"  desk-{n}: {{label: Seat {n}}}" for n in range(LINES))
    return _lines("skills: [general]", "devices:", *devices, "agents:", *people)


def _queues() -> str:
    step = "{steps: [{require: general}], ring: 10s, limits: {wait: 2m}}"
    return _lines("queues:", *(f"  queue-{n}: {step}" for n in range(LINES)))


def _flow(nodes: Iterable[str]) -> str:
    head = ('hotline: "10086"', 'numbers: ["10086"]', "languages: [zh-CN]", "flow: main")
    body = ("timezone: Asia/Shanghai", "flows:", "  main:", "    start: n0", "    nodes:")
    return _lines(*head, *body, *(f"      {node}" for node in nodes))


def _chain() -> str:
    steps = (f"n{n}: {{play: welcome, next: n{n + 1}}}" for n in range(LINES))
    return _flow((*steps, f"n{LINES}: {{hangup: {{prompt: goodbye}}}}"))


def _cycle() -> str:
    """No way out of it, and a branch at every node."""
    exits = "on: {no_agents: n1, timed_out: n2}"
    return _flow(
        f"n{n}: {{queue: {{name: general}}, {exits.replace('1', str(n + 1))}}}"
        for n in range(LINES // 2)
    )


def _menus() -> str:
    choices = "{" + ", ".join(f'"{key}": n{key}' for key in range(10)) + "}"
    retry = "noinput: {after: 3s, times: 1, then: n0}, nomatch: {times: 1, then: n0}"
    menu = f"menu: {{prompt: services, choices: {choices}, {retry}}}"
    return _flow(f"n{n}: {{{menu}}}" for n in range(LINES // 4))


def _requirement() -> str:
    wish = " or ".join(f"(skill{n} >= {n % 9} and general)" for n in range(LINES))
    return _lines("queues:", f"  general: {{steps: [{{require: '{wish}'}}]}}")


def _unknown_names() -> str:
    return _flow(f"n{n}: {{play: welcom{n}, next: nn{n}, nxt: n{n}}}" for n in range(LINES))


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"

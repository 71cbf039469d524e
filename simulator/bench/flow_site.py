"""Sites of any size for the flow suite, with every kind of node and no problem in them."""

from collections.abc import Callable
from pathlib import Path

NodeText = Callable[[int, str, str], str]
"""The YAML of a node from its place in the row, the node after it and the last one."""

SKILLS = 20
AGENTS = 60
FIRST_NUMBER = 20_000
NODES_PER_HOTLINE = 100
"""200 hotlines of it are the site that the issue names."""


def site_texts(hotlines: int) -> dict[str, str]:
    """The files of a site by their path within it; its prompts are those of the catalogue."""
    files = {"site.yaml": _site_text()}
    for number in range(FIRST_NUMBER, FIRST_NUMBER + hotlines):
        files[f"{number}/hotline.yaml"] = hotline_text(str(number), _mixed)
        files[f"{number}/queues.yaml"] = _queues_text()
    return files


def write_site(folder: Path, hotlines: int) -> None:
    """The same on disk."""
    for file, text in site_texts(hotlines).items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def hotline_text(name: str, kinds: NodeText, *, nodes: int = NODES_PER_HOTLINE) -> str:
    """A hotline of so many nodes in a row, the last of which hangs up."""
    lines = [
        f'hotline: "{name}"',
        f'numbers: ["{name}"]',
        "languages: [zh-CN, en-US]",
        "timezone: Asia/Shanghai",
        "flow: main",
        "flows:",
        "  main:",
        "    vars: {tries: {type: int}}",
        "    start: n0",
        "    nodes:",
        *(f"      n{at}: {kinds(at, f'n{at + 1}', f'n{nodes - 1}')}" for at in range(nodes - 1)),
        f"      n{nodes - 1}: {{hangup: {{prompt: goodbye}}}}",
    ]
    return "\n".join(lines) + "\n"


def every_third_branches(at: int, following: str, last: str) -> str:
    """A count first, then two plays and a branch that is always gone straight on."""
    if at == 0:
        return f"{{set: {{tries: tries + 1}}, next: {following}}}"
    if at % 3 == 0:
        return f'{{branch: {{when: [{{if: "tries > 3", then: {last}}}], else: {following}}}}}'
    return f"{{play: welcome, next: {following}}}"


def _mixed(at: int, following: str, last: str) -> str:
    menu = (
        f'{{menu: {{prompt: services, choices: {{"1": {following}, "2": {last}}}, '
        f"noinput: {{after: 5s, times: 1, then: {following}}}, "
        f"nomatch: {{times: 2, then: {following}, prompt: nomatch}}}}}}"
    )
    exits = f"{{no_agents: {following}, timed_out: {following}, full: {last}}}"
    kinds = (
        f"{{play: welcome, next: {following}}}",
        menu,
        every_third_branches(3, following, last),
        f"{{set: {{language: en-US}}, next: {following}}}",
        f"{{play: [welcome, connecting], next: {following}}}",
        f"{{queue: {{name: special, priority: 60s}}, on: {exits}}}",
        f"{{set: {{tries: tries + 1}}, next: {following}}}",
        menu,
        f"{{say: {{number: tries}}, next: {following}}}",
        f"{{work_order: {{topic: data, skill: skill-1, within: 4h}}, next: {following}}}",
    )
    return kinds[at % len(kinds)]


def _site_text() -> str:
    skills = ", ".join(f"skill-{each}" for each in range(SKILLS))
    agents = "".join(
        f'  "{1000 + each}": {{name: Expert {each}, skills: {{skill-{each % SKILLS}: 3}}, '
        f"device: desk-{each}}}\n"
        for each in range(AGENTS)
    )
    devices = "".join(f"  desk-{each}: {{}}\n" for each in range(AGENTS))
    return f"tenant: main\nskills: [{skills}]\ndevices:\n{devices}agents:\n{agents}"


def _queues_text() -> str:
    return (
        "queues:\n"
        "  special:\n"
        '    steps: [{require: "skill-2 >= 3", for: 20s}, {require: skill-2}]\n'
        "    limits: {waiting: 20, wait: 5m}\n"
    )

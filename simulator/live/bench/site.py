"""The bench's own site: one hotline, one menu with one choice, one queue, agents with fixed seats.

It is written anew for each run, so that the bench measures the engine and not the sample hotline,
whose prompts and steps may change with every idea.
"""

from collections.abc import Mapping
from pathlib import Path

from simulator.live.bench.load import Load, device_of

NUMBER = "95000"
"""What the bench's callers dial."""

_HOTLINE = f"""\
hotline: bench
numbers: ["{NUMBER}"]
languages: [zh-CN]
timezone: Asia/Shanghai

flow: main
flows:
  main:
    start: services
    nodes:
      services:
        menu:
          prompt: services
          choices: {{"1": seats}}
          noinput: {{after: 5s, times: 1, then: lost}}
          nomatch: {{times: 1, then: lost}}
      seats:
        queue: {{name: seats}}
        on: {{no_agents: lost, full: lost, timed_out: lost}}
      lost:
        hangup: {{prompt: goodbye, reason: lost}}
"""

_QUEUES = """\
queues:
  seats:
    steps:
      - {{require: "general"}}
    ring: 15s
    misses: 2
    limits: {{waiting: 400, wait: 2m}}
    hold: {{music: hold}}
    wrap_up: {wrap_up_s}s
"""


def site_files(load: Load) -> Mapping[str, str]:
    """The site's files: path within its folder -> text."""
    devices = [f"  {device_of(name)}: {{label: Seat of {name}}}" for name in load.agent_names]
    agents = [
        f'  "{name}": {{name: Bench agent {name}, skills: {{general: 1}}, '
        f"device: {device_of(name)}}}"
        for name in load.agent_names
    ]
    site = ["tenant: main", "skills: [general]", "devices:", *devices, "agents:", *agents]
    return {
        "site.yaml": "\n".join(site) + "\n",
        "bench/hotline.yaml": _HOTLINE,
        "bench/queues.yaml": _QUEUES.format(wrap_up_s=load.wrap_up_ms // 1000),
    }


def write_site(folder: Path, load: Load) -> Path:
    """Write the site into a folder, which is given back."""
    for name, text in site_files(load).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder

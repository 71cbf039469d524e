"""Draws the curves of the last router bench: ``python -m simulator.bench.router_picture``."""

import json
import sys
from pathlib import Path
from typing import TypedDict, cast

from ivr.settings import repository_root
from simulator.bench.curves_svg import Panel, curves_svg
from simulator.bench.report import REPORT

PICTURE = Path("docs/pictures/router-bench.svg")
TITLES = {
    "curve_waiting": ("Contacts waiting", "waiting"),
    "curve_agents": ("Agents", "agents"),
    "curve_requirements": ("Requirements an agent meets", "requirements"),
}


class RouterRow(TypedDict):
    """The keys of ``router`` that the picture shows."""

    decisions_per_s: int
    lives_per_s: int
    p999_us: float
    curve_waiting: list[dict[str, float]]
    curve_agents: list[dict[str, float]]
    curve_requirements: list[dict[str, float]]


def picture(row: RouterRow) -> str:
    """The SVG file of such a row."""
    curves = {
        "curve_waiting": row["curve_waiting"],
        "curve_agents": row["curve_agents"],
        "curve_requirements": row["curve_requirements"],
    }
    panels = [
        Panel(title, sizes, [(point[sizes], point["us"]) for point in curves[key]])
        for key, (title, sizes) in TITLES.items()
    ]
    sentence = (
        f"{row['decisions_per_s']:,} decisions and {row['lives_per_s']:,} whole lives a second; "
        f"p99.9 {row['p999_us']:g} us. Processor time, one thread, CPython, collector on."
    )
    return curves_svg("What one routing decision costs, in microseconds", sentence, panels)


def main(argv: list[str]) -> int:
    """Read a report (the last one's) and write the picture (the one in ``docs/``)."""
    root = repository_root()
    report = Path(argv[0]) if argv else root / "build" / REPORT
    target = Path(argv[1]) if len(argv) > 1 else root / PICTURE
    try:
        found = json.loads(report.read_text(encoding="utf-8"))["router"]
    except (OSError, ValueError, KeyError):
        sys.stderr.write(f"{report}: has no router bench; run make bench SUITE=router first\n")
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(picture(cast("RouterRow", found)), encoding="utf-8")
    sys.stdout.write(f"{target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

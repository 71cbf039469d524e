"""The curves of the router suite as one SVG file: what a decision costs, by the size of things.

No script, no font and nothing else from outside; it follows the reader's light or dark scheme, and
each point says its numbers in a title that a pointer or a screen reader finds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log10
from xml.sax.saxutils import escape

PANEL_WIDTH, PANEL_HEIGHT = 300.0, 190.0
GAP, MARGIN = 58.0, 46.0
HEAD_HEIGHT, FOOT_HEIGHT = 92.0, 46.0
LINES_MAX = 5
"""Horizontal lines of a panel."""
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
"""Microseconds from one horizontal line to the next; the first that fits is taken."""

_STYLE = """<style>
svg{font-family:system-ui,sans-serif;font-size:12px;--ink:#1d2530;--soft:#5b6674;--line:#d8dee6;
--paper:#ffffff;--mark:#1f6feb}
@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9aa7b4;--line:#30363d;
--paper:#0d1117;--mark:#58a6ff}}
.ground{fill:var(--paper)}text{fill:var(--ink)}.soft{fill:var(--soft)}
.head{font-size:17px;font-weight:600}.title{font-weight:600}
.grid{stroke:var(--line);fill:none}.curve{stroke:var(--mark);stroke-width:2;fill:none}
.point{fill:var(--mark)}
</style>"""


@dataclass(frozen=True, slots=True)
class Panel:
    """One curve: what it is about, and its points as ``(size, microseconds)``."""

    title: str
    sizes: str
    "What is counted along the bottom."
    points: Sequence[tuple[float, float]]


def curves_svg(title: str, sentence: str, panels: Sequence[Panel]) -> str:
    """The whole file: the panels side by side, under a title and a sentence."""
    width = 2 * MARGIN + len(panels) * PANEL_WIDTH + (len(panels) - 1) * GAP
    height = HEAD_HEIGHT + PANEL_HEIGHT + FOOT_HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        _STYLE,
        '<rect class="ground" width="100%" height="100%"/>',
        f'<text class="head" x="{MARGIN}" y="32">{escape(title)}</text>',
        f'<text class="soft" x="{MARGIN}" y="52">{escape(sentence)}</text>',
    ]
    for number, panel in enumerate(panels):
        left = MARGIN + number * (PANEL_WIDTH + GAP)
        parts += [f'<g transform="translate({left:.1f} {HEAD_HEIGHT})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Panel) -> Iterator[str]:
    step = _step(max(us for _, us in panel.points))
    top = step * max(1, ceil(max(us for _, us in panel.points) / step))
    yield f'<text class="title" x="0" y="-12">{escape(panel.title)}</text>'
    for number in range(round(top / step) + 1):
        y = PANEL_HEIGHT * (1 - number * step / top)
        yield f'<path class="grid" d="M0 {y:.1f}H{PANEL_WIDTH}"/>'
        yield f'<text class="soft" x="-6" y="{y + 4:.1f}" text-anchor="end">{number * step}</text>'
    spots = [
        (_across(size, panel.points), PANEL_HEIGHT * (1 - us / top)) for size, us in panel.points
    ]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    yield f'<path class="curve" d="M{path}"/>'
    for (x, y), (size, us) in zip(spots, panel.points, strict=True):
        words = f"{size:,.0f} {panel.sizes}: {us:.2f} us a decision"
        yield (
            f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="4">'
            f"<title>{escape(words)}</title></circle>"
        )
        yield (
            f'<text class="soft" x="{x:.1f}" y="{PANEL_HEIGHT + 18}" text-anchor="middle">'
            f"{_short(size)}</text>"
        )
    yield (
        f'<text class="soft" x="{PANEL_WIDTH / 2}" y="{PANEL_HEIGHT + 36}" text-anchor="middle">'
        f"{escape(panel.sizes)}</text>"
    )


def _step(us_max: float) -> int:
    return next((each for each in STEPS if us_max / each <= LINES_MAX), STEPS[-1])


def _across(size: float, points: Sequence[tuple[float, float]]) -> float:
    """Sizes stand by their logarithm, with a little room at both ends."""
    least, most = log10(points[0][0]), log10(points[-1][0])
    room = 14.0
    return room + (PANEL_WIDTH - 2 * room) * (log10(size) - least) / ((most - least) or 1.0)


def _short(size: float) -> str:
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if size >= unit:
            return f"{size / unit:g}{name}"
    return f"{size:g}"

"""The picture as one SVG file: no script, no font and nothing else from outside.

It follows the reader's light or dark scheme, and says everything also in titles that a pointer or
a screen reader finds.
"""

from collections.abc import Iterator, Sequence
from math import sqrt
from xml.sax.saxutils import escape, quoteattr

from ivr.flow.picture import CALLER, Box, Line, LineKind, Overlay, Picture, columns
from ivr.flow.picture_layers import Link
from ivr.flow.picture_layout import Layout, Point, Spot, laid_out
from ivr.flow.picture_look import HUES, ICONS, KIND_WORDS, style

MARGIN = 28.0
HEAD_HEIGHT = 62.0
FOOT_HEIGHT, LEGEND_ROW_HEIGHT = 46.0, 24.0
INNER_WIDTH_MIN = 420.0
TITLE_SIZE, LINE_SIZE, LABEL_SIZE = 13.0, 12.0, 11.5
LINE_HEIGHT = 17.0
PADDING = 12.0
ICON_SIZE = 16.0
LABEL_HEIGHT = 20.0
NARROW_WIDTH = 8.0
BOX_WIDTH_MIN = 118.0
LATIN_SHARE = 0.6
"""Width of a Latin letter in font sizes: generous, since fonts differ; a wide one takes one."""
STROKE_MIN, STROKE_MORE = 1.6, 6.0
"""A line's width, and how much more the busiest line of an overlay has."""


def svg(picture: Picture) -> str:
    """The whole file."""
    return Drawing(picture).text()


def _text_width(text: str, size: float) -> float:
    return sum(size * (1.0 if columns(each) == 2 else LATIN_SHARE) for each in text)


def _box_size(box: Box, overlay: Overlay | None) -> tuple[float, float]:
    room = (
        0.0 if overlay is None else _text_width(str(overlay.nodes.get(box.name, 0)), LINE_SIZE) + 16
    )
    title = _text_width(box.title, TITLE_SIZE + 0.5) + ICON_SIZE + 8 + room
    widest = max([title, *(_text_width(line, LINE_SIZE) for line in box.lines)])
    height = 2 * PADDING + LINE_HEIGHT * (1 + len(box.lines)) - 4
    rounding = height / 3 if _is_round(box) else 0.0
    return max(BOX_WIDTH_MIN, widest + 2 * PADDING + rounding), height


def _label_size(line: Line, text: str) -> tuple[float, float]:
    if not text:
        return NARROW_WIDTH, LABEL_HEIGHT if line.kind is not LineKind.ARRIVAL else 0.0
    return _text_width(text, LABEL_SIZE) + 18, LABEL_HEIGHT


class Drawing:
    """A picture with everything at its place."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._overlay = picture.overlay
        self._texts = [self._label(line) for line in picture.lines]
        ends_here = (LineKind.BACK, LineKind.SERVED)
        links = [
            Link(
                line.source, None if line.kind in ends_here else line.target, *_label_size(line, t)
            )
            for line, t in zip(picture.lines, self._texts, strict=True)
        ]
        sizes = {box.name: _box_size(box, self._overlay) for box in picture.boxes}
        self.layout: Layout = laid_out(sizes, links)
        passed = self._overlay.lines.values() if self._overlay else ()
        self._most = max([1, *passed])

    def _label(self, line: Line) -> str:
        count = self._count(line)
        if count is None:
            return line.text
        return f"{line.text}  ×{count}" if line.text else f"×{count}"

    def _count(self, line: Line) -> int | None:
        if self._overlay is None or line.kind is LineKind.ARRIVAL:
            return None
        unknown = None if line.kind is LineKind.SERVED else 0
        return self._overlay.lines.get((line.source, line.target), unknown)

    def text(self) -> str:
        """The file."""
        inner_width = max(self.layout.width, INNER_WIDTH_MIN)
        legend, foot_height = self._legend(inner_width)
        width = inner_width + 2 * MARGIN
        shift = (width - self.layout.width) / 2
        height = HEAD_HEIGHT + self.layout.height + foot_height + MARGIN
        picture = self.picture
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
            f"<title>{escape(picture.title)}</title>",
            style(),
            '<rect class="ground" width="100%" height="100%"/>',
            f'<text class="head" x="{MARGIN}" y="34">{escape(picture.title)}</text>',
            f'<text class="sub" x="{MARGIN}" y="52">{escape(self._subtitle())}</text>',
            f'<g transform="translate({shift:.1f} {HEAD_HEIGHT:.1f})">',
            *self._lines(),
            *(self._box(box) for box in picture.boxes),
            *self._labels(),
            "</g>",
            f'<g transform="translate({MARGIN} {height - foot_height + 8:.1f})">{legend}</g>',
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _subtitle(self) -> str:
        if self._overlay is not None:
            return self._overlay.title
        steps = len(self.picture.boxes) - 1
        return f"{steps} nodes; read from the top. Point at a box for all its words."

    def _lines(self) -> Iterator[str]:
        """Quiet ones first, so that a busy line is on top where they run together."""
        order = sorted(
            range(len(self.picture.lines)),
            key=lambda at: self._count(self.picture.lines[at]) or 0,
        )
        for at in order:
            line, points = self.picture.lines[at], self.layout.routes[at]
            classes = ["line", line.kind.value]
            count = self._count(line)
            stroke = STROKE_MIN
            if count is not None:
                stroke += STROKE_MORE * sqrt(count / self._most)
                classes += [] if count else ["never"]
            ends = line.kind not in (LineKind.BACK, LineKind.SERVED)
            yield (
                f'<path class="{" ".join(classes)}" stroke-width="{stroke:.1f}" '
                f'd="{_path(points, short=5.0 if ends else 0.0)}"><title>'
                f"{escape(line.tooltip)}</title></path>"
            )
            if ends:
                yield _arrow(points[-1], stroke, " ".join(classes))

    def _labels(self) -> Iterator[str]:
        for line, text, spot in zip(
            self.picture.lines, self._texts, self.layout.labels, strict=True
        ):
            if not text:
                continue
            inner = f"<title>{escape(line.tooltip)}</title>{_rect(spot, radius=10)}"
            at = f'x="{spot.x:.1f}" y="{spot.top + 14:.1f}" text-anchor="middle"'
            classes = f"label {line.kind.value}{' never' if self._is_never(line.source) else ''}"
            drawn = f'<g class="{classes}">{inner}<text {at}>{escape(text)}</text></g>'
            is_link = line.kind is LineKind.BACK
            yield f"<a href={quoteattr('#node-' + line.target)}>{drawn}</a>" if is_link else drawn

    def _box(self, box: Box) -> str:
        spot = self.layout.boxes[box.name]
        left, top = spot.left + PADDING, spot.top + PADDING
        hue = box.kind if box.kind in HUES else "other"
        never = self._is_never(box.name)
        parts = [
            f'<g id={quoteattr("node-" + box.name)} class="box {hue}{" never" if never else ""}">',
            f"<title>{escape(_join_title(box))}</title>",
            _rect(spot, radius=spot.height / 2 if _is_round(box) else 7),
            *([_rect(_within(spot), radius=spot.height / 2 - 3)] if box.kind == "hangup" else []),
            _icon(box.kind, f"translate({self._icon_left(box, spot):.1f} {top - 2:.1f})"),
            *self._words(box, spot, left, top),
            "</g>",
        ]
        return "".join(parts)

    def _is_never(self, name: str) -> bool:
        """Whether nobody of those who were counted came here."""
        return self._overlay is not None and name != CALLER and not self._overlay.nodes.get(name)

    def _icon_left(self, box: Box, spot: Spot) -> float:
        title = _text_width(box.title, TITLE_SIZE)
        return spot.x - (title + ICON_SIZE + 6) / 2 if _is_round(box) else spot.left + PADDING

    def _words(self, box: Box, spot: Spot, left: float, top: float) -> Iterator[str]:
        middle = f'x="{spot.x:.1f}" text-anchor="middle"'
        beside = f'x="{self._icon_left(box, spot) + ICON_SIZE + 6:.1f}"'
        yield f'<text class="title" {beside} y="{top + 11:.1f}">{escape(box.title)}</text>'
        for number, line in enumerate(box.lines, start=1):
            at = middle if _is_round(box) else f'x="{left:.1f}"'
            yield f'<text {at} y="{top + 11 + number * LINE_HEIGHT:.1f}">{escape(line)}</text>'
        if self._overlay is not None and box.kind != "caller":
            count = self._overlay.nodes.get(box.name, 0)
            right = spot.left + spot.width - PADDING
            if _is_round(box):
                right = self._icon_left(box, spot) + ICON_SIZE + 6 + _title_room(box, count)
            yield (
                f'<text class="count" x="{right:.1f}" y="{top + 11:.1f}" '
                f'text-anchor="end">{count}</text>'
            )

    def _legend(self, width: float) -> tuple[str, float]:
        """What the signs mean, in rows of this width, and the height of the foot."""
        pieces = [self._legend_piece(kind) for kind in self.picture.kinds]
        if self._overlay is not None:
            words = f"×3: {self._overlay.counted}; dashed: none"
            drawn = f'<text class="sub" x="0" y="12">{escape(words)}</text>'
            pieces.append((drawn, _text_width(words, LINE_SIZE)))
        parts: list[str] = []
        x, y = 0.0, 0.0
        for drawn, piece_width in pieces:
            if x and x + piece_width > width:
                x, y = 0.0, y + LEGEND_ROW_HEIGHT
            parts.append(f'<g transform="translate({x:.1f} {y:.1f})">{drawn}</g>')
            x += piece_width + 22
        return "".join(parts), FOOT_HEIGHT + y

    def _legend_piece(self, kind: str) -> tuple[str, float]:
        words = KIND_WORDS.get(kind, kind)
        hue = kind if kind in HUES else "other"
        drawn = (
            f'<g class="box {hue}">{_icon(kind, "scale(1)")}'
            f'<text x="22" y="12">{escape(words)}</text></g>'
        )
        return drawn, 22 + _text_width(words, LINE_SIZE)


def _title_room(box: Box, count: int) -> float:
    return _text_width(box.title, TITLE_SIZE) + _text_width(str(count), LINE_SIZE) + 22


def _is_round(box: Box) -> bool:
    return box.kind in ("hangup", "caller")


def _icon(kind: str, transform: str) -> str:
    return f'<path class="icon" transform="{transform}" d="{ICONS.get(kind, ICONS["other"])}"/>'


def _join_title(box: Box) -> str:
    head = f"{box.title} ({KIND_WORDS.get(box.kind, box.kind)})"
    return "\n".join(filter(None, [head, box.tooltip]))


def _within(spot: Spot) -> Spot:
    return Spot(spot.x, spot.top + 3, spot.width - 6, spot.height - 6)


def _rect(spot: Spot, *, radius: float) -> str:
    return (
        f'<rect x="{spot.left:.1f}" y="{spot.top:.1f}" width="{spot.width:.1f}" '
        f'height="{spot.height:.1f}" rx="{radius:.1f}"/>'
    )


def _path(points: Sequence[Point], *, short: float) -> str:
    """Straight through each layer, and an S between two of them."""
    (x, y), *rest = points
    rest[-1] = (rest[-1][0], rest[-1][1] - short)
    parts = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        if abs(to_x - x) < 0.05:
            parts.append(f"V{to_y:.1f}")
        else:
            middle = (y + to_y) / 2
            parts.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(parts)


def _arrow(tip: Point, stroke: float, classes: str) -> str:
    x, y = tip
    half = 3.4 + stroke * 0.6
    return (
        f'<path class="tip {classes}" d="M{x:.1f} {y:.1f}l{-half:.1f} {-2 * half:.1f}'
        f'h{2 * half:.1f}z"/>'
    )

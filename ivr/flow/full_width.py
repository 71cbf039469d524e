"""Characters that look right and are not: what Chinese input methods and tab keys put into YAML.

``：`` is no colon to YAML, nor ``，`` a comma; ``１`` is no digit to a duration. What the parser
says of them sends an author looking anywhere but there. So a problem at such a place is told with
the character and its column.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ivr.flow.problems import Code, ConfigProblem, Severity
from ivr.flow.yaml_tree import LINE_BREAK

_WIDE_FIRST, _WIDE_LAST, _TO_ASCII = 0xFF01, 0xFF5E, 0xFEE0
_OTHERS = {
    "\u3000": " ",
    "\u3001": ",",
    "\u3010": "[",
    "\u3011": "]",
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
}
_LOOKALIKE = re.compile("[\u3000\u3001\u3010\u3011\u2018\u2019\u201c\u201d\uff01-\uff5e]")
_WIDE_WORD = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
"""Digits and letters: wrong as well, but no syntax of YAML."""

_WIDE_COLON = "\uff1a"
_PROSE_LETTER = re.compile("[\u3400-\u9fff]")
"""No name, number or key of YAML has one: where it stands, the text is for people."""

_TOKEN = re.compile(r""" "(?:[^"\\]|\\.)*" | '[^']*' | (?: (?!:\s) (?!\s\#) [^,{}\[\]] )+ """, re.X)
_QUOTED_OR_COMMENT = re.compile(r""" "(?:[^"\\]|\\.)*"? | '[^']*'? | (?:^|(?<=\s))\#.* """, re.X)

_PROSE = {
    Code.BAD_TEXT,
    Code.BAD_PLACEHOLDER,
    Code.PROMPT_UNSPOKEN,
    Code.PROMPT_UNTRANSLATED,
    Code.MESSAGE_TOO_LONG,
}
"""Told of texts for people, in which these characters are right."""

CHARS_MAX = 2_000
"""Of a line, how far is looked: people write shorter ones."""

NAMED_MAX = 100
"""Problems of one site that are looked at so: those of one file that is full of them."""


def with_characters_named(
    problems: Iterable[ConfigProblem], files: Mapping[str, str]
) -> tuple[ConfigProblem, ...]:
    """The problems; where such a character is to blame, with the remedy for it."""
    lines: dict[str, list[str]] = {}
    named = 0
    told: list[ConfigProblem] = []
    for problem in problems:
        file = problem.place.file
        blamed = None
        if problem.severity is Severity.ERROR and problem.code not in _PROSE and file in files:
            if file not in lines:
                lines[file] = LINE_BREAK.split(files[file].removeprefix("\ufeff"))
            if named < NAMED_MAX:
                blamed = _blamed(problem, lines[file])
        named += blamed is not None
        told.append(blamed or problem)
    return tuple(told)


def _blamed(problem: ConfigProblem, lines: list[str]) -> ConfigProblem | None:
    _, line, column = problem.place
    text = lines[line - 1] if line <= len(lines) else ""
    if problem.code is not Code.YAML_SYNTAX:
        token = _TOKEN.match(text[column - 1 : column - 1 + CHARS_MAX])
        if token is None or _PROSE_LETTER.search(token.group()):
            return None
        return _told(problem, token.group(), line, column)
    if text[column - 1 : column] == "\t" or "\t" in text[: len(text) - len(text.lstrip())]:
        return replace(
            problem,
            message=f"This is not YAML: a tab (U+0009) stands before the text of line {line}.",
            remedy="Indent with spaces, never with tabs.",
        )
    told = _told(problem, _bare(text), line, 1)
    above = lines[line - 2] if 2 <= line <= len(lines) + 1 else ""
    if told is None and _WIDE_COLON in above:
        # The parser notices only on the next line that a key had no colon.
        told = _told(problem, _bare(above), line - 1, 1)
    if told is None:
        return None
    meant = f"{problem.remedy[:1].lower()}{problem.remedy[1:]}"
    return replace(told, remedy=f"{told.remedy} If it is meant so: {meant}")


def _bare(line: str) -> str:
    """The line without quoted texts and comments, its places kept."""
    near = line[:CHARS_MAX]
    unquoted = _QUOTED_OR_COMMENT.sub(lambda found: " " * len(found[0]), near)
    return _WIDE_WORD.sub(" ", unquoted)


def _told(problem: ConfigProblem, text: str, line: int, column: int) -> ConfigProblem | None:
    found = _LOOKALIKE.search(text)
    if found is None:
        return None
    wide = found.group()
    plain = _OTHERS.get(wide) or chr(ord(wide) - _TO_ASCII)
    shown = {" ": "a space", "'": "'", '"': "'\"'"}.get(plain, f'"{plain}"')
    what = "ideographic space" if wide == "\u3000" else f"full-width {wide}"
    return replace(
        problem,
        remedy=f"Write {shown} for the {what} (U+{ord(wide):04X}) in line {line}, "
        f"column {column + found.start()}.",
    )

"""What the YAML parser says of broken files, in words an author can act on."""

import yaml

from ivr.flow.problems import Code, Place, Problems

SYNTAX_REMEDY = "Compare the indentation, quotes and brackets here with the lines above."

_SYNTAX_WORDS = (
    # What libyaml says, what we say, and what to do.
    (
        "found character that cannot start any token",
        "a text may not begin with this character",
        "Put the text in quotes; indent with spaces, never with tabs.",
    ),
    (
        "mapping values are not allowed",
        "a colon stands where no key can be",
        "Put a text that contains a colon in quotes, or mend the indentation of this line.",
    ),
    (
        "found unexpected end of stream",
        "a quoted text that begins here never ends",
        "Add the closing quote.",
    ),
    (
        "did not find expected ',' or",
        "within brackets or braces a comma or the closing one is missing",
        "Add it; put a text that contains a colon, a comma or a bracket in quotes.",
    ),
    (
        "did not find expected alphabetic",
        "a name is missing after * or &",
        "Put a key or text that begins with * or & in quotes.",
    ),
    (
        "could not find expected ':'",
        "a key has no colon after it",
        "Write the key as `key: value`.",
    ),
    (
        "did not find expected",
        "this line does not fit the lines above it",
        "Indent it as its neighbours are; close quotes and brackets before it.",
    ),
)

_TOLD_AT_OPENING = ("found unexpected end of stream", "did not find expected ',' or")


def report_syntax(file: str, broken: yaml.MarkedYAMLError, problems: Problems) -> None:
    """Report what the YAML parser stumbled over, in an author's words and with a remedy."""
    said = broken.problem or "unreadable"
    mark = broken.problem_mark
    opened = broken.context_mark
    if said.startswith(_TOLD_AT_OPENING) and mark is not None and opened is not None:
        # What was never closed is noticed lines later; the author looks for where it opened.
        mark = opened if opened.line < mark.line else mark
    place = Place(file) if mark is None else Place(file, mark.line + 1, mark.column + 1)
    words, remedy = said, SYNTAX_REMEDY
    for begin, ours, ours_remedy in _SYNTAX_WORDS:
        if said.startswith(begin):
            words, remedy = ours, ours_remedy
            break
    problems.error(Code.YAML_SYNTAX, place, f"This is not YAML: {words}.", remedy)

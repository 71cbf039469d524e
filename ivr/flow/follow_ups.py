"""Problems that only follow from another one: they go when it does, so they are not told.

A key that stands twice keeps its first value. Whatever the second one defined or led to looks
unknown, unused or unreachable, and none of that is wrong.
"""

from collections.abc import Iterable

from ivr.flow.problems import Code, ConfigProblem

_IN_ITS_FILE = frozenset(
    {
        Code.UNKNOWN_NODE,
        Code.UNREACHABLE_NODE,
        Code.UNKNOWN_FLOW,
        Code.UNUSED_FLOW,
        Code.UNKNOWN_VARIABLE,
        Code.UNUSED_VARIABLE,
        Code.UNKNOWN_CALENDAR,
        Code.UNKNOWN_SKILL,
        Code.UNKNOWN_DEVICE,
        Code.MISSING_KEY,
        Code.NO_WAY_OUT,
    }
)
_IN_ITS_FOLDER = frozenset({Code.UNKNOWN_QUEUE})


def without_follow_ups(problems: Iterable[ConfigProblem]) -> tuple[ConfigProblem, ...]:
    """The problems without what only a key that stands twice makes look wrong."""
    told = tuple(problems)
    twice = {each.place.file for each in told if each.code is Code.YAML_DUPLICATE_KEY}
    folders = {file.rpartition("/")[0] for file in twice}
    return tuple(
        each
        for each in told
        if not (each.code in _IN_ITS_FILE and each.place.file in twice)
        and not (each.code in _IN_ITS_FOLDER and each.place.file.rpartition("/")[0] in folders)
    )

"""A report of problems as SARIF 2.1.0, which code hosts and editors show beside the lines.

The form is OASIS's (sarif-v2.1.0-os); what is required there is here: a version, one run with a
tool and its rules, and for each result a message and the place by line and column.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from ivr.flow.code_meanings import MEANINGS
from ivr.flow.problems import ConfigProblem

SARIF_VERSION = "2.1.0"
SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
TOOL = "expertline"

_RULES = tuple(MEANINGS)


def sarif_document(
    problems: Sequence[ConfigProblem], shown: Mapping[str, str]
) -> dict[str, object]:
    """The report as one JSON value; ``shown`` goes from a problem's file to its path from here.

    Severities are SARIF's own words, ``error`` and ``warning``.
    """
    driver = {
        "name": TOOL,
        "semanticVersion": version(TOOL),
        "rules": [_rule(number) for number in range(len(_RULES))],
    }
    run: dict[str, object] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, shown[each.place.file]) for each in problems],
    }
    return {"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": [run]}


def _rule(number: int) -> dict[str, object]:
    code = _RULES[number]
    meaning = MEANINGS[code]
    return {
        "id": code.value,
        "shortDescription": {"text": meaning.sentence},
        "help": {"text": f"{meaning.sentence} Each result names its remedy."},
        "defaultConfiguration": {"level": meaning.severity.value},
    }


def _result(problem: ConfigProblem, path: str) -> dict[str, object]:
    place = problem.place
    region = {"startLine": place.line, "startColumn": place.column}
    location = {"artifactLocation": {"uri": file_uri(path)}, "region": region}
    return {
        "ruleId": problem.code.value,
        "ruleIndex": _RULES.index(problem.code),
        "level": problem.severity.value,
        "message": {"text": f"{problem.message} {problem.remedy}"},
        "locations": [{"physicalLocation": location}],
    }


def file_uri(path: str) -> str:
    """A path as a URI: relative where the path is, and then without a scheme (RFC 3986, 4.2).

    Bytes that are no UTF-8 were written out as escapes when the file's name was read.
    """
    if Path(path).is_absolute():
        return Path(path).as_uri()
    # Colons are quoted too: one in the first part would make that part a scheme.
    return quote(Path(path).as_posix())

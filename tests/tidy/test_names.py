"""The glossary's words, and none of those it bans, in every name we give."""

import pytest
from sources import CODE, Defined, defined_in, demand_none, python

pytestmark = pytest.mark.tidy

BANNED = {
    "session": "say contact, leg or connection",
    "manager": "say what it does",
    "helper": "say what it does",
    "helpers": "say what they do",
    "util": "say what it does",
    "utils": "say what they do",
    "operator": "say agent",
    "member": "say agent",
    "members": "say agents",
}
"""Words of the design's section 4 that hide what a thing is; values name the way out."""

OTHERS_WORDS = {
    # A protocol of pyst2's class, under pyst2's name for it.
    ("simulator/live/witness.py", "_Manager"),
    ("simulator/live/witness.py", "manager"),
    ("simulator/live/witness.py", "_manager"),
    # "manager interface" is Asterisk's name of AMI, manager.conf its file.
    ("simulator/live/witness.py", "count_by_manager"),
    ("simulator/live/demo/leftovers.py", "by_manager"),
    ("simulator/live/demo/leftovers.py", "_by_manager"),
    ("ivr/adapters/conf/render.py", "MANAGER_FILE"),
    # aiohttp's ClientSession.
    ("ivr/adapters/ari/connection.py", "_session"),
}
"""(file, name) where the word is another's, not ours."""


def banned_in(names: list[Defined]) -> list[str]:
    return [
        f"{each}: {BANNED[word]}"
        for each in sorted(names)
        for word in each.words
        if word in BANNED and (each.file, each.name) not in OTHERS_WORDS
    ]


def test_no_banned_word_in_the_code() -> None:
    demand_none(banned_in([each for file in python(*CODE) for each in defined_in(file)]))


def test_no_banned_module_name_in_the_tests() -> None:
    modules = [
        Defined(file, file.rsplit("/", 1)[-1].removesuffix(".py"), 1) for file in python("tests")
    ]
    demand_none(banned_in(modules))


@pytest.mark.parametrize("name", ["CallSession", "_session_of", "agent_utils", "queueMembers"])
def test_banned_word_is_found_within_a_name(name: str) -> None:
    assert banned_in([Defined("ivr/example.py", name, 1)]) != []


@pytest.mark.parametrize("name", ["remember", "manage_by", "used", "obsession"])
def test_word_that_only_contains_a_banned_one_is_fine(name: str) -> None:
    assert banned_in([Defined("ivr/example.py", name, 1)]) == []


def test_exceptions_are_still_needed() -> None:
    defined = {(each.file, each.name) for file in python(*CODE) for each in defined_in(file)}
    assert defined >= OTHERS_WORDS

import re
from xml.parsers import expat

import pytest

from simulator.live.bench import scenarios
from simulator.live.bench.load import Load
from simulator.live.bench.site import NUMBER

pytestmark = pytest.mark.unit

ALL = {
    "callers": scenarios.callers(),
    "agents": scenarios.agents(Load()),
    "registration": scenarios.registration(),
}


def elements(text: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name, attributes))
    parser.Parse(text, True)
    return found


def sent(text: str) -> list[list[str]]:
    """The messages of a scenario as SIPp sends them: without the indentation."""
    bodies = re.findall(r"<!\[CDATA\[\n(.*?)\n {4}\]\]>", text, re.DOTALL)
    return [[line.strip() for line in body.splitlines()] for body in bodies]


@pytest.mark.parametrize("name", ALL)
def test_scenario_is_well_formed(name: str) -> None:
    assert elements(ALL[name])[0] == ("scenario", {"name": name})


@pytest.mark.parametrize("name", ALL)
def test_no_placeholder_of_ours_is_left(name: str) -> None:
    assert not re.search(r"[{}]", ALL[name])


@pytest.mark.parametrize("name", ALL)
def test_a_body_is_announced_and_parted_from_its_headers(name: str) -> None:
    for message in sent(ALL[name]):
        assert ("Content-Length: [len]" in message) == ("v=0" in message)
        if "v=0" in message:
            assert message[message.index("v=0") - 1] == ""


def test_agents_answer_and_talk_as_long_as_the_load_says() -> None:
    rendered = scenarios.agents(Load(answer_after_ms=700, talk_ms=1_234))
    pauses = [row["milliseconds"] for name, row in elements(rendered) if name == "pause"]
    assert pauses == ["700", "1234"]


def test_question_whether_a_phone_is_there_is_answered_first() -> None:
    first, second = [row for name, row in elements(ALL["agents"]) if name == "recv"][:2]
    assert (first["request"], first["optional"]) == ("OPTIONS", "true")
    assert second == {"request": "INVITE"}
    labels = [row["id"] for name, row in elements(ALL["agents"]) if name == "label"]
    assert first["next"] in labels


def test_callers_offer_their_own_media_port() -> None:
    invite = sent(ALL["callers"])[0]
    assert invite[0].startswith(f"INVITE sip:{NUMBER}@")
    assert "m=audio [field1] RTP/AVP 8 101" in invite


def test_callers_file_has_one_line_a_caller() -> None:
    text = scenarios.callers_file({"13900000000": 4000, "13900000001": 4002})
    assert text == "SEQUENTIAL\n13900000000;4000;\n13900000001;4002;\n"


def test_phones_file_names_account_and_password() -> None:
    line = scenarios.phones_file({"desk-1001": "a-long-password"}).splitlines()[1]
    assert line == "desk-1001;[authentication username=desk-1001 password=a-long-password];"

"""`expertline agent` as it is called, through a real socket to a desk without an engine."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_desk import WALL_OF_ZERO, FakeDesk, served, site, view
from typer.testing import CliRunner, Result

from ivr.adapters.control.server import ControlLimits
from ivr.adapters.control.wire import PresenceLine, SiteLine
from ivr.cli.agent_words import Wish, bad_news, good_news, is_as_wished
from ivr.cli.listing import shown_time
from ivr.cli.main import app
from router.agent_state import EngagementPhase
from router.model import Presence, PresenceAnswer, PresenceChange, WrapUpChange

pytestmark = pytest.mark.unit

SEVERAL = [
    view("1002", engagement=EngagementPhase.CONNECTED),
    view("1001", Presence.ON_BREAK, reason="meal"),
    view("1010", Presence.SIGNED_OUT),
]


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["agent", *words, "--data-dir", str(folder)])


def listed(folder: Path, *options: str) -> list[dict[str, object]]:
    shown = run(folder, "list", "--format", "json", *options)
    assert shown.exit_code == 0, shown.stderr
    return json.loads(shown.stdout)["agents"]


def test_list_is_a_table_for_people(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(views=SEVERAL)):
        shown = run(tmp_path, "list")
    assert shown.exit_code == 0
    lines = [line.strip() for line in shown.stdout.splitlines()]
    first, second, third = (line for line in lines if line.startswith("10"))
    assert first.startswith("1001")
    for word in ("General expert 1", "general 2, data 1", "on break (meal)", "desk-1", "yes"):
        assert word in first
    assert shown_time(WALL_OF_ZERO + 1_500) in first
    assert "connected with c77" in second
    assert "signed out" in third
    assert third.split()[-3:] == ["-", "-", "-"]


def test_list_for_programs_has_utc_times_with_milliseconds(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(views=SEVERAL)):
        first, second, _ = listed(tmp_path)
    assert first == {
        "agent": "1001",
        "name": "General expert 1",
        "skills": {"general": 2, "data": 1},
        "queues": ["10086/general"],
        "seat": "desk-1",
        "presence": "on_break",
        "reason": "meal",
        "taken_for_absent": False,
        "pausing_for": None,
        "since": "2026-01-01T00:00:01.500+00:00",
        "device": "desk-1",
        "reachable": True,
        "engagement": "none",
        "contact": None,
        "chats": 0,
        "own_calls": 0,
        "phone_in_use": False,
        "doing": None,
    }
    assert (second["engagement"], second["contact"]) == ("connected", "c77")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), ["1001", "1002", "1010"]),
        (("--queue", "10086/data"), ["1002"]),
        (("--queue", "main:10086/general"), ["1001", "1010"]),
    ],
)
def test_list_of_a_queue_has_who_serves_it(
    tmp_path: Path, options: tuple[str, ...], found: list[str]
) -> None:
    with served(tmp_path, FakeDesk(views=SEVERAL)):
        assert [each["agent"] for each in listed(tmp_path, *options)] == found


def test_unknown_queue_is_wrong_use(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(views=SEVERAL)):
        shown = run(tmp_path, "list", "--queue", "10086/date")
    assert shown.exit_code == 2
    assert 'Did you mean "10086/data"?' in shown.stderr


@pytest.mark.parametrize(
    ("seen", "doing"),
    [
        (view("1001"), "idle"),
        (view("1001", reachable=False), None),
        (view("1001", Presence.ON_BREAK), None),
        (view("1001", own_calls=1), "own call"),
        (view("1001", phone_in_use=True), "phone in use"),
        (view("1001", engagement=EngagementPhase.RESERVED), "rings for c77"),
        (view("1001", engagement=EngagementPhase.CONNECTED, own_calls=1), "connected with c77"),
        (view("1001", Presence.SIGNED_OUT, engagement=EngagementPhase.WRAP_UP), "wrap-up"),
        (
            view("1001", engagement=EngagementPhase.CONNECTED, chats=3),
            "connected with c77 (3 chats)",
        ),
    ],
)
def test_list_says_what_she_does(tmp_path: Path, seen: object, doing: str | None) -> None:
    desk = FakeDesk(views=[seen])  # pyright: ignore[reportArgumentType]
    with served(tmp_path, desk):
        assert [each["doing"] for each in listed(tmp_path)] == [doing]


def test_who_is_taken_for_absent_is_told(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(views=[view("1001", Presence.ON_BREAK, taken_for_absent=True)])):
        assert "taken for absent" in run(tmp_path, "list").stdout


def test_who_pauses_after_this_contact_is_told(tmp_path: Path) -> None:
    busy = view("1001", engagement=EngagementPhase.CONNECTED, pausing_for="meal")
    with served(tmp_path, FakeDesk(views=[busy])):
        assert "available, pauses after this contact (meal)" in run(tmp_path, "list").stdout
        assert [each["pausing_for"] for each in listed(tmp_path)] == ["meal"]


def test_pause_after_the_contact_is_asked_for_as_such(tmp_path: Path) -> None:
    desk = FakeDesk(verdicts={"1002": PresenceAnswer.ALREADY})
    with served(tmp_path, desk):
        shown = run(tmp_path, "pause", "1001", "1002", "--reason", "meal", "--after-contact")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "1001: pauses after this contact (meal).",
        "1002: pauses after this contact already; nothing changed.",
    ]
    first, _ = desk.asked
    assert (first.change, first.reason) == (PresenceChange.PAUSE, "meal")
    assert first.after_contact


def test_pause_after_the_contact_for_no_reason_of_the_site_is_wrong_use(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()):
        shown = run(tmp_path, "pause", "1001", "--reason", "nap", "--after-contact")
    assert shown.exit_code == 2


@pytest.mark.parametrize(
    ("words", "change", "verdict", "status", "said"),
    [
        ("end-wrap-up", WrapUpChange.END, PresenceAnswer.DONE, 0, "1001: wrap-up is over."),
        ("end-wrap-up", WrapUpChange.END, PresenceAnswer.NOT_IN_WRAP_UP, 0, "is in no wrap-up"),
        ("end-wrap-up", WrapUpChange.END, PresenceAnswer.UNKNOWN_AGENT, 1, "has no agent"),
        ("extend-wrap-up", WrapUpChange.EXTEND, PresenceAnswer.DONE, 0, "wrap-up lasts longer."),
        ("extend-wrap-up", WrapUpChange.EXTEND, PresenceAnswer.NOT_IN_WRAP_UP, 1, "to extend"),
        ("extend-wrap-up", WrapUpChange.EXTEND, PresenceAnswer.WRAP_UP_AT_MOST, 1, "raise `wrap_"),
    ],
)
def test_wrap_up_is_asked_for_and_told(
    tmp_path: Path,
    words: str,
    change: WrapUpChange,
    verdict: PresenceAnswer,
    status: int,
    said: str,
) -> None:
    desk = FakeDesk(verdicts={"1001": verdict})
    with served(tmp_path, desk):
        shown = run(tmp_path, words, "1001")
    (asked,) = desk.wrap_ups
    assert (asked.change, asked.agent, asked.device) == (change, "main:1001", None)
    assert (shown.exit_code, said in shown.output) == (status, True)


def test_several_sign_in_with_one_call(tmp_path: Path) -> None:
    desk = FakeDesk(verdicts={"1002": PresenceAnswer.ALREADY})
    with served(tmp_path, desk):
        shown = run(tmp_path, "sign-in", "1001", "main:1002", "1001")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "1001: signed in at desk-1.",
        "1002: is signed in there already; nothing changed.",
    ]
    assert [each.agent for each in desk.asked] == ["main:1001", "main:1002"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sign-in", "1010", "--device", "main:desk-3"), "1010: signed in at desk-3."),
        (("pause", "1001", "--reason", "meal"), "1001: on break (meal)."),
        (("resume", "1001"), "1001: available again."),
        (("sign-out", "1001"), "1001: signed out."),
    ],
)
def test_each_change_is_asked_for_and_told(tmp_path: Path, words: Sequence[str], said: str) -> None:
    desk = FakeDesk()
    with served(tmp_path, desk):
        shown = run(tmp_path, *words)
    assert (shown.exit_code, shown.stdout) == (0, f"{said}\n")
    (event,) = desk.asked
    assert event.change.value == words[0].replace("-", "_")
    assert event.reason == ("meal" if words[0] == "pause" else None)
    assert event.device == ("main:desk-3" if words[0] == "sign-in" else None)


def test_one_refused_among_several_is_status_1_and_the_others_are_done(tmp_path: Path) -> None:
    desk = FakeDesk(verdicts={"1010": PresenceAnswer.NO_DEVICE})
    with served(tmp_path, desk):
        shown = run(tmp_path, "sign-in", "1001", "1010", "1002")
    assert shown.exit_code == 1
    assert len(shown.stdout.splitlines()) == 2
    assert shown.stderr == (
        "expertline: 1010 has no fixed seat: name the device, --device desk-3\n"
    )


def test_where_every_shared_device_is_taken_it_is_told_who_sits_there(tmp_path: Path) -> None:
    verdicts = {"1010": PresenceAnswer.NO_DEVICE}
    with served(tmp_path, FakeDesk(verdicts=verdicts, views=[view("1003")])):
        shown = run(tmp_path, "sign-in", "1010")
    assert "whom that signs out: desk-3 (1003)" in shown.stderr


def test_who_is_signed_out_already_is_good(tmp_path: Path) -> None:
    desk = FakeDesk(verdicts={"1001": PresenceAnswer.NOT_SIGNED_IN})
    with served(tmp_path, desk):
        shown = run(tmp_path, "sign-out", "1001")
        paused = run(tmp_path, "pause", "1001", "--reason", "meal")
    assert shown.exit_code == 0
    assert "1001: is signed out already" in shown.stdout
    assert paused.exit_code == 1
    assert "sign-in 1001" in paused.stderr


def test_misspelt_agent_is_asked_back(tmp_path: Path) -> None:
    desk = FakeDesk(verdicts={"101": PresenceAnswer.UNKNOWN_AGENT})
    with served(tmp_path, desk):
        shown = run(tmp_path, "sign-in", "101")
    assert shown.exit_code == 1
    assert 'the site has no agent "101". Did you mean "1010"?' in shown.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pause", "1001", "--reason", "nap"), "Its reasons: meal, training."),
        (("sign-in", "1010", "--device", "desk-33"), 'Did you mean "desk-3"?'),
        (("sign-in", "1001", "1010", "--device", "desk-3"), "--device is one agent's"),
    ],
)
def test_wrong_use_asks_for_nothing(tmp_path: Path, words: Sequence[str], said: str) -> None:
    desk = FakeDesk()
    with served(tmp_path, desk):
        shown = run(tmp_path, *words)
    assert shown.exit_code == 2
    assert said in shown.stderr
    assert desk.asked == []


def test_site_without_pause_reasons_says_where_to_put_them(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(running=site(reasons=()))):
        shown = run(tmp_path, "pause", "1001", "--reason", "meal")
    assert shown.exit_code == 2
    assert "site.yaml" in shown.stderr


@pytest.mark.parametrize("words", [("sign-in",), ("pause", "1001"), ("dance", "1001")])
def test_incomplete_command_is_status_2(tmp_path: Path, words: Sequence[str]) -> None:
    assert run(tmp_path, *words).exit_code == 2


@pytest.mark.parametrize("words", [("list",), ("sign-in", "1001")])
def test_no_engine_is_status_2_with_the_remedy(tmp_path: Path, words: Sequence[str]) -> None:
    shown = run(tmp_path, *words)
    assert shown.exit_code == 2
    assert shown.stderr.startswith("expertline: no engine runs on the data folder ")
    assert "--data-dir" in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_engine_that_does_not_decide_is_status_1_and_the_rest_is_not_asked(tmp_path: Path) -> None:
    desk = FakeDesk(mute=True)
    with served(tmp_path, desk, limits=ControlLimits(request_s_max=0.05)):
        shown = run(tmp_path, "sign-in", "1001", "1002", "1010")
    assert shown.exit_code == 1
    assert "1001: the engine did not decide within 0.05 s" in shown.stderr
    assert "not asked for: 1002, 1010" in shown.stderr
    assert len(desk.asked) == 1


@pytest.mark.parametrize("change", PresenceChange)
@pytest.mark.parametrize("answer", PresenceAnswer)
def test_every_answer_has_its_sentence(change: PresenceChange, answer: PresenceAnswer) -> None:
    names = SiteLine("v", agents=(), devices=(), queues=(), reasons=())
    wish = Wish(change, device="desk-1", reason="meal")
    line = PresenceLine(answer, "1001", Presence.AVAILABLE)
    said = (good_news if is_as_wished(answer, wish) else bad_news)("1001", line, wish, names)
    assert "1001" in said or "desk-1" in said
    assert "Presence" not in said

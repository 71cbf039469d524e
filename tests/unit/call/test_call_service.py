"""What an agent dials on her device: asked of the router, said back, released."""

from collections.abc import Callable, Sequence

import pytest
from call_node import ANN, C1, CALLER, DESK, EN, P1, P2, OneNode, service_in

from ivr.call.contact import ANSWER_MS_MAX, LEAVING_MS_MAX
from ivr.call.effects import (
    AnswerLeg,
    OccupyDevice,
    PlayPrompts,
    ReleaseLeg,
    RequestPresence,
    RequestWrapUp,
    VacateDevice,
)
from ivr.call.events import (
    CallArrived,
    CommandFailed,
    DigitReceived,
    EngineStarted,
    EngineStopping,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    PresenceAnswered,
    RecordingFinished,
)
from ivr.call.model import ReleaseReason
from ivr.call.phases import Verdict
from ivr.call.service import (
    NOTICE_MS_MAX,
    PRESENCE_MS_MAX,
    SERVICE_EVENTS,
    SERVICE_TABLE,
    ServiceEventType,
    ServicePhase,
)
from ivr.flow.model import PromptKey
from router.model import (
    AgentId,
    OwnCallId,
    Presence,
    PresenceAnswer,
    PresenceChange,
    RequestId,
    WrapUpChange,
)

pytestmark = pytest.mark.unit

OWN = OwnCallId(CALLER)
ASKED = RequestId(CALLER)

GIVE: dict[ServiceEventType, Callable[[OneNode], Sequence[object]]] = {
    CallArrived: lambda node: node.arrive(node.at, "*12", DESK),
    LegAnswered: lambda node: node.answered(CALLER),
    LegEnded: lambda node: node.ended(CALLER),
    DigitReceived: lambda node: node.press("1"),
    PlaybackFinished: lambda node: node.played(P1),
    RecordingFinished: lambda node: node.recorded(),
    LegsBridged: lambda node: node.bridged(),
    CommandFailed: lambda node: node.command_failed("AnswerLeg"),
    PresenceAnswered: lambda node: node.presence(),
}

MOVES: dict[tuple[ServicePhase, ServiceEventType], ServicePhase | None] = {
    (ServicePhase.ANSWERING, LegAnswered): ServicePhase.ASKING,
    (ServicePhase.ANSWERING, CommandFailed): ServicePhase.LEAVING,
    (ServicePhase.ASKING, PresenceAnswered): ServicePhase.SPEAKING,
    (ServicePhase.SPEAKING, PlaybackFinished): ServicePhase.LEAVING,
    **{(phase, LegEnded): None for phase in ServicePhase},
}


def said(node: OneNode) -> list[tuple[PromptKey, ...]]:
    return [each.prompts for each in node.of(PlayPrompts)]


def test_table_names_every_pair() -> None:
    assert set(SERVICE_TABLE) == {(phase, kind) for phase in ServicePhase for kind in GIVE}
    assert set(SERVICE_EVENTS) == set(GIVE)
    handled = {pair for pair, verdict in SERVICE_TABLE.items() if verdict is Verdict.HANDLE}
    assert handled == set(MOVES)


@pytest.mark.parametrize("event", SERVICE_EVENTS, ids=lambda event: event.__name__)
@pytest.mark.parametrize("phase", ServicePhase)
def test_service_call_follows_its_table(phase: ServicePhase, event: ServiceEventType) -> None:
    node = service_in(phase)
    before, ignored = node.snapshot(), sum(node.core.ignored.values())
    GIVE[event](node)
    if (phase, event) in MOVES:
        assert node.service is MOVES[phase, event]
        return
    assert list(node.last) == []
    assert node.snapshot() == before
    assert sum(node.core.ignored.values()) == ignored + 1


def test_the_whole_way_occupies_asks_says_and_releases_once() -> None:
    node = OneNode()
    assert list(node.arrive(1_000, "*12", DESK)) == [OccupyDevice(DESK, OWN), AnswerLeg(CALLER)]
    assert list(node.answered(CALLER, 1_100)) == [
        RequestPresence(ASKED, PresenceChange.SIGN_OUT, None, DESK, None)
    ]
    words = (PromptKey("agent-signed-out"),)
    assert list(node.presence(at=1_100)) == [PlayPrompts(CALLER, P1, words, EN)]
    assert list(node.played(P1, 3_000)) == [ReleaseLeg(CALLER, ReleaseReason.NORMAL)]
    assert list(node.ended(CALLER, 3_100)) == [VacateDevice(DESK, OWN)]
    assert node.core.live_service_calls() == 0
    assert node.core.next_deadline() is None
    assert node.records == []


@pytest.mark.parametrize(
    ("dialled", "change", "agent", "reason", "words"),
    [
        ("*11", PresenceChange.SIGN_IN, None, None, "agent-signed-in"),
        ("*111003", PresenceChange.SIGN_IN, AgentId("main:1003"), None, "agent-signed-in"),
        ("*12", PresenceChange.SIGN_OUT, None, None, "agent-signed-out"),
        ("*132", PresenceChange.PAUSE, None, "meeting", "agent-paused"),
        ("*14", PresenceChange.RESUME, None, None, "agent-resumed"),
    ],
)
def test_each_code_asks_for_its_change_and_says_that_it_is_done(
    dialled: str, change: PresenceChange, agent: AgentId | None, reason: str | None, words: str
) -> None:
    node = service_in(ServicePhase.ASKING, dialled)
    assert node.of(RequestPresence) == [RequestPresence(ASKED, change, agent, DESK, reason)]
    node.presence(PresenceAnswer.DONE)
    assert said(node) == [(PromptKey(words),)]


@pytest.mark.parametrize(
    ("presence", "words"),
    [(Presence.AVAILABLE, "agent-pauses-after"), (Presence.ON_BREAK, "agent-paused")],
)
def test_pause_put_off_is_asked_for_as_such(presence: Presence, words: str) -> None:
    node = service_in(ServicePhase.ASKING, "*172")
    (asked,) = node.of(RequestPresence)
    assert asked == RequestPresence(
        ASKED, PresenceChange.PAUSE, None, DESK, "meeting", after_contact=True
    )
    node.presence(PresenceAnswer.DONE, presence=presence)
    assert said(node) == [(PromptKey(words),)]


@pytest.mark.parametrize(
    ("dialled", "change", "words"),
    [
        ("*15", WrapUpChange.END, "agent-wrap-up-ended"),
        ("*16", WrapUpChange.EXTEND, "agent-wrap-up-extended"),
    ],
)
def test_each_code_of_the_wrap_up_asks_for_its_change(
    dialled: str, change: WrapUpChange, words: str
) -> None:
    node = service_in(ServicePhase.ASKING, dialled)
    assert node.of(RequestWrapUp) == [RequestWrapUp(ASKED, change, DESK)]
    assert node.of(RequestPresence) == []
    node.presence(PresenceAnswer.DONE)
    assert said(node) == [(PromptKey(words),)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PresenceAnswer.ALREADY, "agent-unchanged"),
        (PresenceAnswer.NOT_IN_WRAP_UP, "agent-no-wrap-up"),
        (PresenceAnswer.WRAP_UP_AT_MOST, "agent-unchanged"),
    ],
)
def test_wrap_up_that_is_as_it_was_is_said_so(answer: PresenceAnswer, words: str) -> None:
    node = service_in(ServicePhase.ASKING, "*16")
    node.presence(answer)
    assert said(node) == [(PromptKey(words),)]


@pytest.mark.parametrize(
    "dialled", ["*13", "*139", "*1311", "*120", "*14x", "*151", "*161", "*17", "*179", "*99", "*"]
)
def test_code_that_says_nothing_is_refused_without_asking(dialled: str) -> None:
    node = service_in(ServicePhase.ANSWERING, dialled)
    node.answered(CALLER, 1_100)
    assert node.of(RequestPresence) == []
    assert said(node) == [(PromptKey("agent-refused"),)]


@pytest.mark.parametrize("answer", PresenceAnswer)
def test_every_answer_is_said(answer: PresenceAnswer) -> None:
    words = {
        PresenceAnswer.DONE: "agent-signed-out",
        PresenceAnswer.ALREADY: "agent-unchanged",
        PresenceAnswer.WRAP_UP_AT_MOST: "agent-unchanged",
        PresenceAnswer.NOT_IN_WRAP_UP: "agent-no-wrap-up",
    }
    node = service_in(ServicePhase.ASKING)
    node.presence(answer)
    assert said(node) == [(PromptKey(words.get(answer, "agent-refused")),)]


def test_code_from_outside_is_an_unknown_number() -> None:
    node = OneNode()
    assert list(node.arrive(1_000, "*12")) == [ReleaseLeg(CALLER, ReleaseReason.UNKNOWN_NUMBER)]
    assert node.core.live_service_calls() == 0


def test_unknown_number_from_a_device_does_not_occupy_it() -> None:
    node = OneNode()
    refused = [ReleaseLeg(CALLER, ReleaseReason.UNKNOWN_NUMBER)]
    assert list(node.arrive(1_000, "4711", DESK)) == refused


def test_hotline_dialled_on_a_device_is_a_contact_that_occupies_it_till_its_leg_ends() -> None:
    node = OneNode()
    assert list(node.arrive(1_000, device=DESK)) == [OccupyDevice(DESK, OWN), AnswerLeg(CALLER)]
    node.answered(CALLER, 1_100)
    node.ended(CALLER, 2_000)
    assert node.of(VacateDevice) == [VacateDevice(DESK, OWN)]
    (record,) = node.records
    assert [leg.device for leg in record.legs] == [DESK]


def test_device_of_a_leg_that_never_goes_is_vacated_once() -> None:
    node = OneNode()
    node.arrive(1_000, device=DESK)
    node.tick(1_000 + ANSWER_MS_MAX)
    assert node.of(VacateDevice) == []
    node.tick(1_000 + ANSWER_MS_MAX + LEAVING_MS_MAX)
    assert node.of(VacateDevice) == [VacateDevice(DESK, OWN)]
    assert list(node.ended(CALLER, 20_000)) == []


def test_deadline_of_each_phase_leads_to_the_end() -> None:
    node = service_in(ServicePhase.ANSWERING)
    node.tick(1_000 + ANSWER_MS_MAX)
    assert node.service is ServicePhase.LEAVING
    node = service_in(ServicePhase.ASKING)
    node.tick(1_100 + PRESENCE_MS_MAX)
    assert said(node) == [(PromptKey("agent-refused"),)]
    assert list(node.presence()) == []  # Too late: what was said stands.
    node.tick(1_100 + PRESENCE_MS_MAX + NOTICE_MS_MAX)
    assert node.of(ReleaseLeg) == [ReleaseLeg(CALLER, ReleaseReason.NORMAL)]
    node.tick(1_100 + PRESENCE_MS_MAX + NOTICE_MS_MAX + LEAVING_MS_MAX)
    assert list(node.last) == [
        ReleaseLeg(CALLER, ReleaseReason.FAILURE),
        VacateDevice(DESK, OWN),
    ]
    assert node.core.next_deadline() is None


@pytest.mark.parametrize("event", [EngineStopping(), EngineStarted()])
@pytest.mark.parametrize("phase", ServicePhase)
def test_engine_that_stops_or_starts_vacates_and_forgets(
    phase: ServicePhase, event: EngineStopping | EngineStarted
) -> None:
    node = service_in(phase)
    assert list(node.give(event, 5_000)) == [VacateDevice(DESK, OWN)]
    assert node.core.live_service_calls() == 0
    assert node.core.next_deadline() is None


@pytest.mark.parametrize("phase", ServicePhase)
def test_service_call_survives_being_written_down(phase: ServicePhase) -> None:
    node, twin = service_in(phase), service_in(phase)
    twin.restart()
    for give in GIVE.values():
        assert list(give(twin)) == list(give(node))
    assert twin.core.ignored == node.core.ignored


def test_answer_for_nobody_is_counted() -> None:
    node = OneNode()
    assert list(node.give(PresenceAnswered(RequestId("r1"), PresenceAnswer.DONE, ANN, None))) == []
    assert node.core.ignored == {"absent/PresenceAnswered": 1}
    assert node.played(P2) == []
    assert node.core.phase_of(C1) is None

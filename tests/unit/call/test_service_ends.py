"""Every end of a service call: hung up, given up, failed, one too many, overtaken by a new site."""

from dataclasses import replace

import pytest
from call_node import (
    C1,
    CALLER,
    DESK,
    EN,
    FAILED,
    P1,
    PARTY,
    STOPPED,
    OneNode,
    service_in,
)

from ivr.call import service as service_calls
from ivr.call.contact import ANSWER_MS_MAX, LEAVING_MS_MAX
from ivr.call.core import CallCore
from ivr.call.effects import (
    CallEffect,
    PlayPrompts,
    ReleaseLeg,
    RequestPresence,
    VacateDevice,
)
from ivr.call.events import CallArrived, PresenceAnswered
from ivr.call.model import LegId, PlaybackOutcome, ReleaseReason
from ivr.call.service import (
    DONE,
    NOTICE_MS_MAX,
    PRESENCE_MS_MAX,
    REFUSED,
    ServicePhase,
)
from ivr.call.switchboard import Said
from ivr.flow.model import PromptKey
from ivr.flow.site import FeatureCodes
from router.model import (
    ContactId,
    DeviceId,
    OwnCallId,
    PresenceAnswer,
    PresenceChange,
    RequestId,
)

pytestmark = pytest.mark.unit

OWN = OwnCallId(CALLER)
VACATED = VacateDevice(DESK, OWN)
RELEASED = ReleaseLeg(CALLER, ReleaseReason.NORMAL)
LAST_CALL = ReleaseLeg(CALLER, ReleaseReason.FAILURE)


def said(words: PromptKey) -> PlayPrompts:
    return PlayPrompts(CALLER, P1, (words,), EN)


def test_codes_are_those_of_the_site() -> None:
    node = OneNode()
    node.core.activate(replace(node.site, feature_codes=FeatureCodes(sign_out="*90")))
    node.arrive(dialled="*90", device=DESK)
    (asked,) = node.answered(CALLER, 1_100)
    assert isinstance(asked, RequestPresence)
    assert asked.change is PresenceChange.SIGN_OUT


@pytest.mark.parametrize("phase", ServicePhase)
def test_device_is_free_again_once_whenever_the_agent_hangs_up(phase: ServicePhase) -> None:
    node = service_in(phase)
    assert list(node.ended(CALLER, 5_000)) == [VACATED]
    assert node.core.live_service_calls() == 0
    assert node.core.next_deadline() is None
    assert list(node.ended(CALLER, 5_010)) == []
    assert list(node.presence(at=5_020)) == []
    assert node.core.ignored == {"absent/LegEnded": 1, "absent/PresenceAnswered": 1}


@pytest.mark.parametrize(
    ("phase", "due", "then", "does"),
    [
        (ServicePhase.ANSWERING, 1_000 + ANSWER_MS_MAX, ServicePhase.LEAVING, [RELEASED]),
        (ServicePhase.ASKING, 1_100 + PRESENCE_MS_MAX, ServicePhase.SPEAKING, [said(REFUSED)]),
        (ServicePhase.SPEAKING, 1_200 + NOTICE_MS_MAX, ServicePhase.LEAVING, [RELEASED]),
        (ServicePhase.LEAVING, 3_000 + LEAVING_MS_MAX, None, [LAST_CALL, VACATED]),
    ],
)
def test_every_phase_has_a_deadline_that_leads_out(
    phase: ServicePhase, due: int, then: ServicePhase | None, does: list[CallEffect]
) -> None:
    node = service_in(phase)
    assert node.core.next_deadline() == due
    assert list(node.tick(due - 1)) == []
    assert list(node.tick(due)) == does
    assert node.service is then
    assert (node.core.next_deadline() is None) == (then is None)


def test_service_call_that_nobody_ends_is_over_by_its_deadlines_alone() -> None:
    node = service_in(ServicePhase.ANSWERING)
    vacated: list[CallEffect] = []
    while (due := node.core.next_deadline()) is not None:
        vacated += [each for each in node.tick(due) if isinstance(each, VacateDevice)]
    assert vacated == [VACATED]


@pytest.mark.parametrize("outcome", [STOPPED, FAILED])
def test_notice_that_is_not_played_out_ends_the_call_all_the_same(
    outcome: PlaybackOutcome,
) -> None:
    node = service_in(ServicePhase.SPEAKING)
    assert list(node.played(P1, 1_300, outcome)) == [RELEASED]


def test_answer_that_fails_releases_the_leg() -> None:
    node = service_in(ServicePhase.ANSWERING)
    assert list(node.command_failed("AnswerLeg", at=1_010)) == [RELEASED]
    assert list(node.answered(CALLER, 1_020)) == []
    assert list(node.ended(CALLER, 1_030)) == [VACATED]


def test_arrival_told_twice_is_one_service_call() -> None:
    node = service_in(ServicePhase.ANSWERING)
    assert list(node.arrive(1_001, dialled="*12", device=DESK)) == []
    assert node.core.live_service_calls() == 1


def test_before_a_site_is_active_a_code_is_an_unknown_number() -> None:
    core = CallCore()
    arrived = CallArrived(C1, CALLER, "*11", PARTY, DESK)
    told = [ReleaseLeg(CALLER, ReleaseReason.UNKNOWN_NUMBER)]
    assert list(core.handle(arrived, 1_000, wall=1_000)) == told


def test_one_service_call_too_many_hears_congestion_and_occupies_no_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_calls, "SERVICE_CALLS_MAX", 1)
    node = service_in(ServicePhase.SPEAKING)
    leg, other = LegId("main:c2.0"), DeviceId("main:other")
    arrived = CallArrived(ContactId("main:c2"), leg, "*12", PARTY, other)
    assert list(node.give(arrived, 1_300)) == [ReleaseLeg(leg, ReleaseReason.CONGESTION)]
    assert list(node.ended(leg, 1_310)) == []
    assert node.core.live_service_calls() == 1


def test_two_devices_dial_at_once_and_each_hears_its_own_answer() -> None:
    node = service_in(ServicePhase.ASKING)
    leg, other = LegId("main:c2.0"), DeviceId("main:other")
    node.give(CallArrived(ContactId("main:c2"), leg, "*12", PARTY, other), 1_100)
    node.answered(leg, 1_105)
    answered = PresenceAnswered(RequestId(leg), PresenceAnswer.NOBODY_HERE, None, None)
    (heard,) = node.give(answered, 1_106)
    assert isinstance(heard, PlayPrompts)
    assert (heard.leg, heard.prompts) == (leg, (REFUSED,))
    assert node.service is ServicePhase.ASKING
    assert list(node.presence(at=1_107)) == [said(DONE[Said.SIGN_OUT])]


def test_code_dialled_under_an_earlier_site_is_carried_out_as_it_was_meant() -> None:
    node = service_in(ServicePhase.ANSWERING, "*131")
    node.core.activate(replace(node.site, pause_reasons={"1": "training"}))
    (asked,) = node.answered(CALLER, 1_100)
    assert isinstance(asked, RequestPresence)
    assert asked.reason == "lunch"

"""A crisis, a moved contact and a new day, as the driver hands them to the router."""

from dataclasses import replace

import pytest
from small_site import ANN, DATA, DESK, arrival, asked, leg, queue, site

from ivr.call.effects import WriteRecord
from ivr.call.events import DigitReceived, LegAnswered, LegEnded
from ivr.call.record import SegmentExit
from ivr.engine.by_command import (
    AnswerCommand,
    CommandAnswer,
    ContactMoveAsked,
    CrisisEndAsked,
    CrisisStartAsked,
)
from ivr.engine.codec import decode_state, encode_state
from ivr.engine.crises_declared import CrisisStarted
from ivr.engine.driver import Driver, EngineEvent, SiteActivated, TurnResult
from ivr.flow.site import Site
from ivr.flow.zone import DAY_MS, Zone
from router.events import DeviceReachabilityChanged
from router.model import ContactId, PresenceChange, QueueId, RequestId

pytestmark = pytest.mark.unit

BILL, GONE = QueueId("main:10086/bill"), QueueId("main:10086/gone")
R, BY = RequestId("r"), "op"
SHANGHAI = Zone("Asia/Shanghai", (8 * 3_600_000,))
MIDNIGHT = DAY_MS - 8 * 3_600_000


def two_queues() -> Site:
    both = (queue(), queue("10086/bill"))
    return replace(site(), queues={each.name: each for each in both}, zone=SHANGHAI)


class Cores:
    """A driver with 1001 at her desk; the time is what it is told."""

    def __init__(self) -> None:
        self.site = two_queues()
        self.driver = Driver({self.site.version: self.site})
        self.give(SiteActivated(self.site.version), 0)
        self.give(DeviceReachabilityChanged(DESK, reachable=True), 0)
        self.give(asked("r1", PresenceChange.SIGN_IN), 0)

    def give(self, event: EngineEvent, at: int) -> TurnResult:
        return self.driver.handle(event, at, wall=at)

    def call(self, number: int, at: int) -> ContactId:
        for event in (arrival(number), LegAnswered(leg(number)), DigitReceived(leg(number), "1")):
            self.give(event, at)
        return ContactId(f"c{number}")

    def ask(self, event: CrisisStartAsked | CrisisEndAsked | ContactMoveAsked) -> CommandAnswer:
        (answer,) = self.give(event, 9_000).answers
        assert isinstance(answer, AnswerCommand)
        assert answer.request == event.request
        return answer.answer

    def restart(self) -> None:
        state = encode_state(self.driver.snapshot(), at_rest=False)
        self.driver = Driver.restored(decode_state(state), {self.site.version: self.site})
        assert encode_state(self.driver.snapshot(), at_rest=False) == state


@pytest.mark.parametrize(
    ("queue", "to", "answer"),
    [
        (DATA, BILL, CommandAnswer.DONE),
        (DATA, None, CommandAnswer.DONE),
        (GONE, None, CommandAnswer.UNKNOWN_QUEUE),
        (DATA, GONE, CommandAnswer.UNKNOWN_TARGET),
        (DATA, DATA, CommandAnswer.SAME_QUEUE),
    ],
)
def test_crisis_is_begun_or_the_wrong_name_is_told(
    queue: QueueId, to: QueueId | None, answer: CommandAnswer
) -> None:
    cores = Cores()
    assert cores.ask(CrisisStartAsked(R, queue, to, BY)) is answer
    begun = [each.queue for each in cores.driver.router.queues() if each.crisis is not None]
    assert begun == ([DATA] if answer is CommandAnswer.DONE else [])


def test_crisis_begun_or_ended_twice_is_told_so() -> None:
    cores = Cores()
    assert cores.ask(CrisisEndAsked(R, DATA, BY)) is CommandAnswer.UNCHANGED
    assert cores.ask(CrisisStartAsked(R, DATA, None, BY)) is CommandAnswer.DONE
    assert cores.ask(CrisisStartAsked(R, DATA, None, BY)) is CommandAnswer.UNCHANGED
    cores.restart()
    assert cores.ask(CrisisEndAsked(R, GONE, BY)) is CommandAnswer.UNKNOWN_QUEUE
    assert cores.ask(CrisisEndAsked(R, DATA, BY)) is CommandAnswer.DONE
    assert cores.ask(CrisisEndAsked(R, DATA, BY)) is CommandAnswer.UNCHANGED


def test_who_switched_a_queue_off_is_known_till_it_ends() -> None:
    cores = Cores()
    cores.ask(CrisisStartAsked(R, DATA, None, BY))
    cores.ask(CrisisStartAsked(R, DATA, BILL, "somebody later"))
    cores.ask(CrisisStartAsked(R, GONE, None, BY))
    cores.restart()
    assert cores.driver.crises.all() == (CrisisStarted(DATA, BY, 9_000),)
    cores.ask(CrisisEndAsked(R, DATA, BY))
    assert cores.driver.crises.all() == ()


def test_crisis_of_a_queue_that_left_the_site_is_forgotten() -> None:
    cores = Cores()
    cores.ask(CrisisStartAsked(R, BILL, None, BY))
    cores.ask(CrisisStartAsked(R, DATA, None, BY))
    smaller = site()
    cores.driver = Driver.restored(
        cores.driver.snapshot(), {each.version: each for each in (cores.site, smaller)}
    )
    cores.give(SiteActivated(smaller.version), 10_000)
    assert [each.queue for each in cores.driver.crises.all()] == [DATA]


def test_crisis_begun_again_with_another_target_leads_there() -> None:
    cores = Cores()
    led: list[QueueId | None] = []
    for to in (None, BILL, None):
        assert cores.ask(CrisisStartAsked(R, DATA, to, BY)) is CommandAnswer.DONE
        assert cores.ask(CrisisStartAsked(R, DATA, to, BY)) is CommandAnswer.UNCHANGED
        cores.restart()
        led += [each.crisis.to for each in cores.driver.router.queues() if each.crisis is not None]
    assert led == [None, BILL, None]


def test_waiting_contact_is_moved_by_a_crisis_and_its_record_says_so() -> None:
    cores = Cores()
    cores.call(1, 1_000)
    waiting = cores.call(2, 2_000)
    assert cores.ask(CrisisStartAsked(R, DATA, BILL, BY)) is CommandAnswer.DONE
    assert cores.driver.router.waiting_in(BILL) == [waiting]
    assert cores.ask(ContactMoveAsked(R, waiting, None, 60_000, BY)) is CommandAnswer.DONE
    ended = cores.give(LegEnded(leg(2), 16), 12_000)
    (written,) = ended.once_only
    assert isinstance(written, WriteRecord)
    segments = written.record.segments
    told = [(each.queue, each.wait_ms, each.exit) for each in segments]
    assert told == [(DATA, 7_000, SegmentExit.MOVED), (BILL, 3_000, SegmentExit.ABANDONED)]
    assert written.record.wait_ms == 10_000


def test_contact_that_arrives_in_a_crisis_is_offered_from_the_other_queue() -> None:
    cores = Cores()
    cores.ask(CrisisStartAsked(R, DATA, BILL, BY))
    contact = cores.call(1, 10_000)
    (held,) = cores.driver.calls.snapshot().contacts
    assert (held.id, held.queue) == (contact, BILL)
    assert held.offered is not None
    assert held.offered.agent == ANN


def test_what_does_not_wait_or_is_not_known_is_not_moved() -> None:
    cores = Cores()
    rung, waiting = cores.call(1, 1_000), cores.call(2, 2_000)
    nobody = ContactId("nobody")
    for contact in (rung, nobody):
        command = ContactMoveAsked(R, contact, None, 60_000, BY)
        assert cores.ask(command) is CommandAnswer.NOT_WAITING
    move = ContactMoveAsked(R, waiting, GONE, None, BY)
    assert cores.ask(move) is CommandAnswer.UNKNOWN_QUEUE
    assert cores.ask(replace(move, queue=DATA)) is CommandAnswer.UNCHANGED
    assert cores.ask(replace(move, queue=BILL)) is CommandAnswer.DONE
    cores.give(asked("r2", PresenceChange.SIGN_OUT), 9_500)
    # Nobody is left: who waited has been given back, and does not wait any more.
    assert cores.ask(replace(move, queue=DATA)) is CommandAnswer.NOT_WAITING


def test_contact_is_not_moved_into_a_queue_that_is_switched_off() -> None:
    cores = Cores()
    cores.call(1, 1_000)
    waiting = cores.call(2, 2_000)
    cores.ask(CrisisStartAsked(R, BILL, None, BY))
    move = ContactMoveAsked(R, waiting, BILL, None, BY)
    assert cores.ask(move) is CommandAnswer.IN_CRISIS
    assert cores.driver.router.waiting_in(DATA) == [waiting]
    assert cores.ask(CrisisStartAsked(R, BILL, DATA, BY)) is CommandAnswer.DONE
    assert cores.ask(move) is CommandAnswer.DONE  # It leads to where somebody is.
    assert cores.driver.router.waiting_in(DATA) == [waiting]


def accepted_today(cores: Cores) -> int:
    (ann,) = (each for each in cores.driver.router.agents() if each.agent == ANN)
    return ann.idle_ms_today


def test_first_event_of_a_day_by_the_sites_clock_begins_it() -> None:
    cores = Cores()
    cores.call(1, MIDNIGHT - 5_000)
    assert accepted_today(cores) > 0
    cores.restart()
    cores.give(DeviceReachabilityChanged(DESK, reachable=True), MIDNIGHT - 1)
    assert accepted_today(cores) > 0
    cores.give(DeviceReachabilityChanged(DESK, reachable=True), MIDNIGHT)
    assert accepted_today(cores) == 0


def test_day_that_begins_while_no_engine_runs_is_not_missed() -> None:
    cores = Cores()
    cores.call(1, MIDNIGHT - 5_000)
    cores.restart()
    cores.give(DeviceReachabilityChanged(DESK, reachable=True), MIDNIGHT + 3 * DAY_MS)
    assert accepted_today(cores) == 0


def test_site_without_a_clock_has_no_days() -> None:
    cores = Cores()
    plain = replace(cores.site, zone=None)
    cores.driver = Driver({plain.version: plain})
    cores.give(SiteActivated(plain.version), 0)
    cores.give(DeviceReachabilityChanged(DESK, reachable=True), 5 * DAY_MS)
    assert cores.driver.snapshot().day is None

"""A rehearsal's other systems: what a test lets them say, and what is told of it."""

from functools import cache

import pytest
from small_hotline import SITE, catalogue, played, read, site_of

from ivr.flow.services import LookupOutcome
from ivr.flow.site import Site
from ivr.rehearsal.asked_services import ANSWERS_AFTER_MS, Stub, stub_of_words
from ivr.rehearsal.by_hand import CallByHand
from ivr.rehearsal.footprints import Edge
from ivr.rehearsal.play import Rehearsed
from ivr.rehearsal.stage import Company, Stage
from ivr.rehearsal.wording import told

pytestmark = pytest.mark.unit

SERVICES = """\
services:
  customer:
    url: "http://127.0.0.1:8090/customer"
    sends: {number: text}
    answers: {level: text, balance: int, known: bool}
"""

HOTLINE = """\
hotline: "10000"
numbers: ["10000"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: customer
    vars: {level: {type: text}, balance: {type: int}}
    nodes:
      customer:
        lookup:
          service: customer
          send: {number: caller}
          into: {level: level, balance: balance}
          prompt: hello
        next: which
        on: {failed: sorry, not_found: again}
      which:
        branch: {when: [{if: 'level == "gold"', then: gold}], else: bye}
      gold: {play: ask, next: bye}
      again:
        lookup: {service: customer, send: {number: caller}, into: {level: level}}
        next: which
        on: {failed: sorry}
      sorry: {play: sorry, next: bye}
      bye: {hangup: {prompt: bye}}
"""


@cache
def site() -> Site:
    return site_of(HOTLINE, site=SITE + SERVICES)


def played_here(test: str) -> Rehearsed:
    return played(test, of=site())


@pytest.mark.parametrize(
    ("lookups", "heard", "way"),
    [
        ("{customer: {level: gold, balance: 12}}", "ask", "found"),
        ('{customer: {level: "silver", balance: -3}}', "bye", "found"),
        ("{customer: failed}", "sorry", "failed"),
        ("{}", "sorry", "failed"),
        ("{customer: {level: gold}}", "sorry", "failed"),
        ("{customer: lost}", "sorry", "failed"),
    ],
)
def test_service_answers_what_the_test_says(lookups: str, heard: str, way: str) -> None:
    done = played_here(f"lookups: {lookups}\nsteps:\n  - hear: [hello, {heard}]\n")
    assert done.failures == ()
    assert Edge("customer", way) in done.footprints.edges


def test_answers_come_one_after_the_other_and_the_last_one_stays() -> None:
    answers = "{customer: [not_found, {level: gold, balance: 1}]}"
    done = played_here(f"lookups: {answers}\nsteps:\n  - hear: [hello, ask]\n")
    assert done.failures == ()
    assert Edge("customer", "not_found") in done.footprints.edges
    assert Edge("again", "found") in done.footprints.edges


def test_transcript_tells_what_was_answered() -> None:
    done = played_here("lookups: {customer: {level: gold, balance: 12}}\nsteps: []")
    lines = told(done.transcript, catalogue())
    assert '(the service customer answers found: level "gold", balance 12)' in lines[2]
    assert lines[2].strip().startswith("0:00.4")
    assert ANSWERS_AFTER_MS == 400
    assert (
        "(the service customer answers failed)"
        in told(played_here("steps: []").transcript, catalogue())[2]
    )


MISTAKES = [
    ("{custmer: failed}", "unknown-service", 14, 'Did you mean "customer"?'),
    ("{customer: faild}", "unknown-word", 24, 'Did you mean "failed"?'),
    ("{customer: {levle: gold}}", "unknown-field", 25, 'Did you mean "level"?'),
    (
        "{customer: {balance: many}}",
        "unknown-variable",
        34,
        "Write a whole number, without quotes.",
    ),
    ("{customer: {known: 1}}", "wrong-type", 32, "Write true or false, without quotes."),
    ("{customer: []}", "out-of-range", 24, "Write 1 to 50; the last one stays."),
    ("[]", "wrong-type", 13, "Write keys with values, such as `customer:`."),
]


@pytest.mark.parametrize(("lookups", "code", "column", "remedy"), MISTAKES)
def test_mistake_is_a_problem(lookups: str, code: str, column: int, remedy: str) -> None:
    (problem,) = read(f"tests:\n  a:\n   lookups: {lookups}\n   steps: []\n", of=site()).problems
    assert (problem.code.value, problem.place.line, problem.place.column) == (code, 3, column)
    assert problem.remedy == remedy


def test_what_is_typed_becomes_an_answer_or_a_sentence() -> None:
    service = site().services["customer"]
    typed = stub_of_words(service, "level=gold balance=-3 known=true")
    fields = {"level": "gold", "balance": -3, "known": True}
    assert typed == Stub(LookupOutcome.FOUND, fields)
    assert stub_of_words(service, "not_found") == Stub(LookupOutcome.NOT_FOUND)
    assert stub_of_words(service, "") == Stub(LookupOutcome.FOUND)
    assert stub_of_words(service, "balance=x") == (
        "balance of the service customer is int, which 'x' is not"
    )
    assert "does not answer 'size'" in str(stub_of_words(service, "size=3"))


def test_call_by_hand_goes_on_by_itself_while_a_service_is_asked() -> None:
    company = Company(lookups={"customer": (Stub(LookupOutcome.FAILED),)})
    call = CallByHand(Stage(site(), "10000", catalogue(), company), "10000")
    call.run_on()
    assert call.stage.is_over


def test_who_plays_by_hand_is_asked_where_no_answer_is_written() -> None:
    stage = Stage(site(), "10000", catalogue())
    stage.services.otherwise = lambda _request: Stub(
        LookupOutcome.FOUND, {"level": "gold", "balance": 1}
    )
    call = CallByHand(stage, "10000")
    call.run_on()
    assert stage.footprints.nodes == ["customer", "which", "gold", "bye"]

"""What a site says of other systems, as the flow and its surroundings come to know it."""

from pathlib import Path

import pytest
from site_samples import GOOD, load, texts_of

from ivr.adapters.http.lookups import LookupEdges
from ivr.app_lookups import lookups_of
from ivr.app_site import EngineProblem
from ivr.flow.changes import differences
from ivr.flow.looking_up import sends_secret
from ivr.flow.model import Held, Lookup, NodeName, Send, Take
from ivr.flow.picture import picture_of
from ivr.flow.read_services import TIMEOUT_MS_DEFAULT, wrong_with
from ivr.flow.services import BACKOFF_MS_MAX, GRACE_MS, LookupOutcome, Method, SentAs, Service
from ivr.flow.site import Site
from ivr.flow.values import Kind
from ivr.flow.ways import Way, ways_out
from ivr.settings import EngineSettings

pytestmark = pytest.mark.unit

SERVICES = """
services:
  customer:
    url: "http://127.0.0.1:8090/customer"
    timeout: 800ms
    retries: 1
    cache: 60s
    sends: {number: text, pin: secret}
    answers: {level: text, has_complaint: bool}
  prices: {url: "https://crm.example/prices", method: get, answers: {minute: int}}
"""
HOTLINE = """\
hotline: "10086"
numbers: ["10086"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: ask-pin
    vars:
      level: {type: text}
      complained: {type: bool}
      pin: {type: secret}
      minute: {type: int}
    nodes:
      ask-pin:
        collect:
          prompt: welcome
          into: pin
          sensitive: true
          digits: 6
          noinput: {times: 1, then: sorry}
          nomatch: {times: 1, then: sorry}
        next: customer
      customer:
        lookup:
          service: customer
          send: {number: caller, pin: pin}
          into: {level: level, has_complaint: complained}
          prompt: welcome
        next: prices
        on: {failed: sorry}
      prices:
        lookup: {service: prices, into: {minute: minute}}
        next: sorry
        on: {failed: sorry, not_found: free}
      free: {play: welcome, next: sorry}
      sorry: {hangup: {prompt: [sorry, goodbye]}}
"""


def site(services: str = SERVICES) -> Site:
    files = {**texts_of(GOOD), "10086/hotline.yaml": HOTLINE}
    files["site.yaml"] += services
    del files["10086/queues.yaml"], files["shared/queues.yaml"]
    loaded = load(files)
    assert loaded.site is not None, loaded.problems
    assert loaded.problems == ()
    return loaded.site


def node(name: str) -> Lookup:
    found = site().hotlines["10086"].flow.nodes[NodeName(name)]
    assert isinstance(found, Lookup)
    return found


def test_services_are_what_the_site_says() -> None:
    customer, prices = site().services.values()
    sends = {"number": Kind.TEXT, "pin": Kind.SECRET}
    answers = {"level": Kind.TEXT, "has_complaint": Kind.BOOL}
    url = "http://127.0.0.1:8090/customer"
    assert customer == Service("customer", url, Method.POST, 800, 1, 60_000, sends, answers)
    assert (prices.method, prices.timeout_ms, prices.retries) == (Method.GET, TIMEOUT_MS_DEFAULT, 0)
    assert prices.cache_ms == 0


def test_lookup_is_what_the_flow_says() -> None:
    customer = node("customer")
    pin = Send("pin", SentAs.SECRET, Held("pin", 2))
    assert customer.sends == (Send("number", SentAs.CALLER), pin)
    assert customer.takes == (
        Take("level", Kind.TEXT, Held("level", 0)),
        Take("has_complaint", Kind.BOOL, Held("complained", 1)),
    )
    assert sends_secret(customer)
    assert not sends_secret(node("prices"))


def test_caller_waits_for_all_attempts_and_the_grace() -> None:
    assert node("customer").patience_ms_max == 2 * 800 + BACKOFF_MS_MAX + GRACE_MS
    assert node("prices").patience_ms_max == TIMEOUT_MS_DEFAULT + GRACE_MS


def test_ways_that_are_not_written_follow_from_those_that_are() -> None:
    assert ways_out(node("prices")) == (
        Way("found", NodeName("sorry")),
        Way("not_found", NodeName("free")),
        Way("failed", NodeName("sorry")),
    )
    told = {way.label: way.to for way in ways_out(node("customer"))}
    assert told == {"found": "prices", "not_found": "sorry", "failed": "sorry", "lost": "ask-pin"}


def test_picture_says_which_service_is_asked() -> None:
    picture = picture_of(site().hotlines["10086"], {"zh-CN": {"welcome": "Hello"}}, {})
    box = next(each for each in picture.boxes if each.name == "customer")
    assert (box.kind, box.lines) == ("lookup", ("Hello", "asks customer"))
    labels = {line.text for line in picture.lines if line.source == "customer"}
    assert "secret lost ↩ ask-pin" in labels
    assert "not found · no good answer" in labels


def test_changed_service_is_a_change_of_the_site() -> None:
    changed = site(SERVICES.replace("800ms", "900ms"))
    told = [str(each) for each in differences(site(), changed)]
    assert told == [
        "node 10086/customer changed: service",
        "service customer changed: timeout",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8090",
        "https://crm.example/",
        "https://crm-2.example/a/b.c_d~e%20f",
        "http://[fe80::1]:80/x",
        "https://127.0.0.1:65535/customer",
        "http://[::ffff:10.0.0.1]/",
        "http://" + "a" * 63 + ".example/",
        "http://4.customers.example/",
    ],
)
def test_plain_address_is_good(url: str) -> None:
    assert wrong_with(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.example",
        "HTTP://crm.example/",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "https://user@crm.example/",
        "https://crm.example/?a=1",
        "https://crm.example/#a",
        "https://crm.example:0/",
        "https://crm.example:65536/",
        "https://crm.example:/",
        "https://crm.example/a b",
        "https://crm.example/\\u0000",
        "https://crm..example/",
        "https://-crm.example/",
        f"https://{'a' * 64}.example/",
        "http://[:::::]/",
        "http://[1.2.3.4]/",
        "http://[fe80::1::2]/",
        "http://" + "999.1.1.1/",
        "http://" + "1.2.3/",
        "http://" + "1.2.3.4.5/",
        "https://crm.example/" + "a" * 200,
    ],
)
def test_other_address_is_refused(url: str) -> None:
    assert wrong_with(url) is not None


def test_address_for_no_service_is_refused_with_the_name_meant() -> None:
    edges = LookupEdges(lambda _: None, lambda _: None, lambda _: None, lambda _kind, _said: None)
    with pytest.raises(EngineProblem, match=r'no service custmer .* Did you mean "customer"\?'):
        lookups_of(settings({"custmer": "http://127.0.0.1:9/"}), site(), edges)
    lookups_of(settings({"customer": "http://127.0.0.1:9/"}), site(), edges)


def settings(services: dict[str, str]) -> EngineSettings:
    here = Path()
    return EngineSettings(here, here, "127.0.0.1", 1, "app", "user", here, here, services=services)


def test_lost_is_no_way_of_a_lookup_without_a_secret() -> None:
    assert LookupOutcome.LOST not in node("prices").on


def test_lookups_that_lead_to_each_other_hold_a_caller() -> None:
    files = texts_of(GOOD)
    text = HOTLINE.replace("not_found: free", "not_found: customer")
    files = {"site.yaml": files["site.yaml"] + SERVICES, "10086/hotline.yaml": text}
    codes = [problem.code.value for problem in load(files).problems]
    assert codes == ["caller-trap", "unreachable-node"]


def test_secret_for_a_field_of_text_names_the_service_and_its_field() -> None:
    files = {**texts_of(GOOD), "10086/hotline.yaml": HOTLINE}
    files["site.yaml"] += SERVICES.replace("pin: secret", "pin: text")
    (problem,) = [each for each in load(files).problems if each.code.value == "secret-leaves-vault"]
    assert problem.remedy == "Declare `pin: secret` at services/customer/sends in site.yaml."

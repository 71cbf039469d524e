"""A hotline of a few nodes with prompts of round lengths, and calls to it."""

from dataclasses import replace
from functools import cache

from ivr.adapters.time_zones import known_timezones
from ivr.flow.load import load_site
from ivr.flow.problems import Code
from ivr.flow.site import Site
from ivr.prompts.model import Catalogue, Duration, Prompt, sounds_of
from ivr.rehearsal.experts import Habit
from ivr.rehearsal.play import Rehearsed, rehearse
from ivr.rehearsal.run import CallsRead, read_tests
from ivr.rehearsal.stage import Company, Stage

FILE = "10000/tests/calls.yaml"
PROMPT_MS = 2_000

HOTLINE = """\
hotline: "10000"
numbers: ["10000", "+8610000"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: language
    nodes:
      language:
        menu:
          prompt: ask
          choices: {"1": chinese, "2": english, "9": language}
          noinput: {after: 3s, times: 1, then: chinese}
          nomatch: {times: 1, then: chinese, prompt: sorry}
      chinese: {set: {language: zh-CN}, next: hello}
      english: {set: {language: en-US}, next: hello}
      hello: {play: [hello, ask], next: wait}
      wait:
        queue: {name: data, priority: 5s}
        on: {no_agents: order, timed_out: order, full: order}
      order: {work_order: {topic: data, skill: data, within: 4h}, next: bye}
      bye: {hangup: {prompt: bye, reason: work_order}}
"""

QUEUES = """\
queues:
  data:
    steps: [{require: data >= 3, for: 10s}, {require: data}]
    ring: 8s
    wrap_up: 0s
    limits: {waiting: 2, wait: 1m}
    hold: {announce: {position: true, every: 30s}}
"""

SITE = """\
tenant: main
skills: [data]
devices:
  seat-1: {label: One}
  seat-2: {label: Two}
  seat-3: {label: Three}
agents:
  "1": {name: One, skills: {data: 3}, device: seat-1}
  "2": {name: Two, skills: {data: 1}, device: seat-2}
  "3": {name: Three, skills: {data: 3}}
  "4": {name: Four, skills: {data: 3}}
"""


@cache
def catalogue() -> Catalogue:
    """Four prompts of two seconds each, in two languages."""
    prompts = {
        key: Prompt(key, {"zh-CN": f"zh {key}", "en-US": f"en {key}"}, "x")
        for key in ("ask", "hello", "sorry", "bye")
    }
    sounds = sounds_of(prompts.values())
    lasting = {name: Duration(PROMPT_MS, sound.text_sha256) for name, sound in sounds.items()}
    return Catalogue(prompts, sounds, lasting)


def site_of(hotline: str, *, site: str = SITE, **files: str) -> Site:
    """A site with such a hotline.yaml; ``queues="..."`` puts a queues.yaml beside it."""
    beside = {f"10000/{name}.yaml": text for name, text in files.items()}
    written = {"site.yaml": site, "10000/hotline.yaml": hotline, **beside}
    loaded = load_site(written, prompts=catalogue().playable(), timezones=known_timezones())
    # Where a rehearsal shows how a secret is keyed in, it need not go anywhere.
    problems = [each for each in loaded.problems if each.code is not Code.SECRET_UNSENT]
    assert problems == []
    assert loaded.site is not None
    return loaded.site


@cache
def site() -> Site:
    """The site of that hotline."""
    return site_of(HOTLINE, queues=QUEUES)


def stage(experts: dict[str, Habit] | None = None, ahead: int = 0) -> Stage:
    """A call to the hotline that was just answered."""
    company = Company(experts or {}, {"10000/data": ahead} if ahead else {})
    begun = Stage(site(), "10000", catalogue(), company)
    begun.dial("10000")
    return begun


def read(text: str, *, of: Site | None = None) -> CallsRead:
    """The tests in a file of this text: of the hotline above, or of that of another site."""
    return read_tests({FILE: text}, of or site(), catalogue(), known_timezones())


def read_one(test: str, *, of: Site | None = None) -> CallsRead:
    """The same for one test, given by what stands below its name."""
    lines = "".join(f"    {line}\n" for line in test.splitlines())
    return read(f"tests:\n  one:\n{lines}", of=of)


def played(test: str, *, of: Site | None = None, without_durations: bool = False) -> Rehearsed:
    """What comes of one test, given by what stands below its name."""
    found = read_one(test, of=of)
    assert found.problems == ()
    known = catalogue()
    if without_durations:
        known = replace(known, durations={})
    return rehearse(found.tests[0], of or site(), known)

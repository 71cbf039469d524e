"""The site of the routing scenarios: a number for each way into a queue, and agents of its own.

Each scenario has queues, skills and agents that no other one uses, or leaves them as it found them
(the clerks): so they may run in any order.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SITE: Final = """\
tenant: main
skills: [data, network, sales, care, returns, night, clerk, relief, repair, letters, silver, gold]
devices: {%(devices)s}
agents:
  "2001": {name: Beginner, skills: {data: 1}, device: desk-2001}
  "2002": {name: Data expert, skills: {data: 3}, device: desk-2002}
  "2003": {name: Network expert, skills: {network: 3}, device: desk-2003}
  "2004": {name: Network beginner, skills: {network: 1}, device: desk-2004}
  "2005": {name: Seller, skills: {sales: 1}, device: desk-2005}
  "2006": {name: Carer 1, skills: {care: 1}, device: desk-2006}
  "2007": {name: Carer 2, skills: {care: 1}, device: desk-2007}
  "2008": {name: Returns clerk, skills: {returns: 1}, device: desk-2008}
  "2009": {name: Night watch, skills: {night: 1}, device: desk-2009}
  "2010": {name: Clerk, skills: {clerk: 1}, device: desk-2010}
  "2011": {name: Relief clerk, skills: {relief: 1}, device: desk-2011}
  "2012": {name: Fitter 1, skills: {repair: 1}, device: desk-2012}
  "2013": {name: Fitter 2, skills: {repair: 1}, device: desk-2013}
  "2014": {name: Writer, skills: {letters: 1}, device: desk-2014}
  "2015": {name: Silver clerk, skills: {silver: 1}, device: desk-2015}
  "2016": {name: Gold clerk, skills: {gold: 1}, device: desk-2016}
pause_reasons: {"1": lunch}
routing:
  contacts: fair
  waiting: 100
  admission: {9: 1%%}
"""

AGENTS: Final = tuple(str(name) for name in range(2001, 2017))
ABSENT: Final = "2009"
"""Who never comes to work."""
SIGN_IN_ORDER: Final = ("2002", *(name for name in AGENTS if name not in (ABSENT, "2002")))
"""The data expert first: so she is idle longest."""

QUEUES: Final = """\
queues:
  data: {steps: [{require: data}], agents: {level: lowest, first: longest_idle}, wrap_up: 0s}
  network: {steps: [{require: "network >= 3", for: 2s}, {require: network}], wrap_up: 0s}
  sales: {steps: [{require: sales}], wrap_up: 0s}
  urgent: {steps: [{require: sales}], class: 3, wrap_up: 0s}
  care: {steps: [{require: care}], wrap_up: 0s}
  opening: {steps: [{require: returns}], wrap_up: 0s}
  clothes: {steps: [{require: returns}], wrap_up: 0s}
  shoes: {steps: [{require: returns}], wrap_up: 0s}
  night: {steps: [{require: night}]}
  small: {steps: [{require: clerk}], limits: {waiting: 1}, wrap_up: 0s}
  hasty: {steps: [{require: clerk}], limits: {wait: 2s}}
  promising: {steps: [{require: clerk}], limits: {expected_wait: 10s}}
  late: {steps: [{require: clerk}], class: 9}
  troubled: {steps: [{require: clerk}], wrap_up: 0s}
  relief: {steps: [{require: relief}], wrap_up: 0s}
  repair: {steps: [{require: repair}], ring: 2s, misses: 2, wrap_up: 0s}
  letters: {steps: [{require: letters}], wrap_up: {time: 60s, max: 2m}}
  silver: {steps: [{require: silver}], wrap_up: 0s}
  gold: {steps: [{require: gold}], wrap_up: 0s}
"""

HOTLINE: Final = """\
hotline: "%(number)s"
numbers: ["%(number)s"]
languages: [zh-CN]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: seats
    nodes:
      seats:
        queue: {name: %(queue)s}
        on: {%(on)s}
%(exits)s
"""

SAID: Final = {
    "no_agents": "experts-busy",
    "full": "one-moment",
    "timed_out": "goodbye",
    "expected_wait": "not-available",
    "overload": "noinput",
    "crisis": "nothing-recorded",
}
"""What a caller hears who leaves a queue by this exit: a short prompt that no other exit plays."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and the queue it leads to; ``more`` is what its queue node says beside the name.

    Who leaves that queue by a crisis comes to the one that is ``then``, if there is one.
    """

    number: str
    queue: str
    more: str = ""
    then: str = ""


NUMBERS: Final = (
    Number("7001", "data"),
    Number("7002", "network"),
    Number("7003", "sales"),
    Number("7004", "sales", "priority: 60s"),
    Number("7005", "urgent"),
    Number("7006", "care", "prefer: {agent: last, for: 2s}"),
    Number("7007", "opening"),
    Number("7008", "clothes"),
    Number("7009", "shoes"),
    Number("7010", "night"),
    Number("7011", "small"),
    Number("7012", "hasty"),
    Number("7013", "promising"),
    Number("7014", "late"),
    Number("7015", "troubled"),
    Number("7016", "relief"),
    Number("7017", "repair"),
    Number("7018", "letters"),
    Number("7019", "silver"),
    Number("7020", "gold"),
    Number("7021", "troubled", then="relief"),
)


def write_site(folder: Path) -> Path:
    """The whole site, in YAML, in this folder."""
    shared = folder / "shared"
    shared.mkdir(parents=True)
    devices = ", ".join(f"desk-{name}: {{label: Seat {name}}}" for name in AGENTS)
    (folder / "site.yaml").write_text(SITE % {"devices": devices})
    (shared / "queues.yaml").write_text(QUEUES)
    for each in NUMBERS:
        (folder / each.number).mkdir()
        (folder / each.number / "hotline.yaml").write_text(_hotline(each))
    return folder


def _hotline(number: Number) -> str:
    exits = [
        f"      {cause.replace('_', '-')}: {{hangup: {{prompt: {prompt}, reason: {cause}}}}}"
        for cause, prompt in SAID.items()
    ]
    on = ", ".join(f"{cause}: {cause.replace('_', '-')}" for cause in SAID)
    if number.then:
        exits.append(f"      then: {{queue: {{name: {number.then}}}, on: {{{on}}}}}")
    return HOTLINE % {
        "number": number.number,
        "queue": f"{number.queue}, {number.more}" if number.more else number.queue,
        "on": on.replace("crisis: crisis", "crisis: then") if number.then else on,
        "exits": "\n".join(exits),
    }

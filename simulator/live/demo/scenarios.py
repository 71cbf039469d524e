"""The demo's calls: who calls when, and what must come of it."""

from dataclasses import dataclass

from ivr.call.model import Outcome
from simulator.live.demo import scripts
from simulator.live.demo.scripts import Script


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a call."""

    outcome: Outcome
    prompt: str
    """The sound that must have been heard, by its name in the catalogue."""
    talks: bool = False
    """Whether the two sides must have heard each other."""
    prompt_tail: tuple[str, ...] = ()
    """Set when the prompt is looked for at the end: the sounds that follow it there."""
    first_ms: int | None = None
    """Set when the caller leaves within the prompt: how much of its beginning must be there."""
    agents: frozenset[str] | None = None
    """Who may have served the call; None where nobody does."""
    waits_ms_min: int = 0
    """The least that the caller must have waited in a queue."""
    offers: int | None = None
    """How many experts' phones were rung, where that is the point."""
    transfers: tuple[str, ...] = ()
    """How agents gave the caller away or meant to, and what came of it, by the record."""
    connected_after: str | None = None
    """The scenario whose caller must have been joined to an expert before this one."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One call of the demo."""

    name: str
    story: str
    caller: str
    script: Script
    expected: Expected
    after: frozenset[str] = frozenset()
    """It begins when these have ended; all others play at the same time."""
    before_shift: bool = False
    """Whether the caller may dial before the experts have signed in: she meets none, or late."""


_GENERAL = frozenset(scripts.GENERAL_SEATS)
_PROMISED_IN_CHINESE = Expected(
    Outcome.WORK_ORDER, "zh-CN/work-order-made", prompt_tail=("zh-CN/goodbye",)
)

_WITH_EXPERTS: tuple[Scenario, ...] = (
    Scenario(
        "served_in_chinese",
        "chooses Chinese, asks for the general seats, talks to an expert, and hangs up",
        "13800138001",
        scripts.served("1", "0", caller_ends=True, hears_welcome=True),
        Expected(Outcome.SERVED, "zh-CN/welcome", talks=True, agents=_GENERAL),
    ),
    Scenario(
        "served_in_english",
        "chooses English, asks for the general seats, talks to an expert, who hangs up",
        "13800138002",
        scripts.served("2", "0", caller_ends=False, hears_welcome=True),
        Expected(Outcome.SERVED, "en-US/welcome", talks=True, agents=_GENERAL),
    ),
    Scenario(
        "caller_leaves_in_prompt",
        "hangs up while the first prompt plays",
        "13800138003",
        scripts.leaves_in_prompt,
        Expected(Outcome.LEFT_IN_FLOW, "mul/choose-language", first_ms=1_500),
        before_shift=True,
    ),
    Scenario(
        "wrong_keys_to_the_limit",
        "presses keys that stand for nothing till the menus give up, and is served all the same",
        "13800138004",
        scripts.presses_wrong_keys,
        Expected(Outcome.SERVED, "zh-CN/nomatch", talks=True, agents=_GENERAL),
        before_shift=True,
    ),
    Scenario(
        "no_expert_signed_in",
        "asks for a terminal expert; none is signed in, and the general seats take over",
        "13800138005",
        scripts.served("1", "2", caller_ends=True, hears_welcome=False),
        Expected(Outcome.SERVED, "zh-CN/connecting", talks=True, agents=_GENERAL),
    ),
    Scenario(
        "expert_does_not_answer",
        "asks for a data expert; the first one's phone rings out, the second one answers",
        "13800138006",
        scripts.expert_rings_out,
        Expected(
            Outcome.SERVED, "zh-CN/connecting", talks=True, agents=frozenset({"1007"}), offers=2
        ),
    ),
    Scenario(
        "complaint_expert_is_taken",
        "talks to the only expert for complaints, while others wait for her",
        "13800138007",
        scripts.served("1", "3", talk_s=6.0, caller_ends=True, hears_welcome=False),
        Expected(Outcome.SERVED, "zh-CN/connecting", talks=True, agents=frozenset({"1005"})),
    ),
    Scenario(
        "no_expert_free_then_served",
        "waits with music for the expert for complaints, who is taken, and is served",
        "13800138008",
        scripts.delayed(2.0, scripts.served("1", "3", caller_ends=False, hears_welcome=False)),
        Expected(
            Outcome.SERVED,
            "zh-CN/connecting",
            talks=True,
            agents=frozenset({"1005"}),
            waits_ms_min=4_000,
            connected_after="complaint_expert_is_taken",
        ),
    ),
    Scenario(
        "caller_abandons_on_hold",
        "waits with music behind the others, and hangs up",
        "13800138009",
        scripts.delayed(2.5, scripts.abandons("2", "3", after_s=8.0)),
        Expected(Outcome.ABANDONED, "en-US/connecting", waits_ms_min=3_000),
    ),
    Scenario(
        "group_expert_is_taken",
        "talks to the only expert for group business, while two others wait for her",
        "13800138010",
        scripts.served("1", "4", talk_s=5.0, caller_ends=False, hears_welcome=False),
        Expected(Outcome.SERVED, "zh-CN/connecting", talks=True, agents=frozenset({"1006"})),
    ),
    Scenario(
        "first_of_two_callers",
        "waits for the one expert for group business, and is served before who came later",
        "13800138011",
        scripts.delayed(1.5, scripts.served("1", "4", caller_ends=True, hears_welcome=False)),
        Expected(
            Outcome.SERVED,
            "zh-CN/connecting",
            talks=True,
            agents=frozenset({"1006"}),
            waits_ms_min=3_000,
            connected_after="group_expert_is_taken",
        ),
    ),
    Scenario(
        "second_of_two_callers",
        "waits for the same expert, and is served after who came before",
        "13800138012",
        scripts.delayed(4.0, scripts.served("2", "4", caller_ends=True, hears_welcome=False)),
        Expected(
            Outcome.SERVED,
            "en-US/connecting",
            talks=True,
            agents=frozenset({"1006"}),
            waits_ms_min=6_000,
            connected_after="first_of_two_callers",
        ),
    ),
    Scenario(
        "consulted_transfer",
        "talks to a general seat, which asks the terminal expert by *22# and leaves her to that "
        "one by *4",
        "13800138016",
        scripts.consults_and_completes,
        Expected(
            Outcome.SERVED,
            "zh-CN/connecting",
            talks=True,
            agents=frozenset({scripts.TERMINAL_EXPERT}),
            transfers=("consulted completed",),
        ),
    ),
    Scenario(
        "consulted_in_vain",
        "talks to a general seat, which asks agent 1010 by *21010#, who is not there; so she is "
        "back with the general seat",
        "13800138017",
        scripts.consults_in_vain,
        Expected(
            Outcome.SERVED,
            "zh-CN/connecting",
            talks=True,
            agents=_GENERAL,
            transfers=("consulted failed",),
        ),
    ),
    Scenario(
        "no_key_at_all",
        "never presses a key, and is promised to be called back, for no expert takes her by then",
        "13800138013",
        scripts.delayed(8.0, scripts.presses_nothing),
        _PROMISED_IN_CHINESE,
        before_shift=True,
    ),
)

_ON_GENERAL_SEATS = frozenset(
    one.name for one in _WITH_EXPERTS if one.expected.agents == _GENERAL or one.expected.transfers
)
_TAKES_EXPERTS = frozenset(one.name for one in _WITH_EXPERTS if one.expected.agents)

SCENARIOS: tuple[Scenario, ...] = (
    *_WITH_EXPERTS,
    Scenario(
        "agent_rejects",
        "waits while every expert's phone rejects, and is promised to be called back",
        "13800138014",
        scripts.refused_by_experts,
        _PROMISED_IN_CHINESE,
        after=_ON_GENERAL_SEATS,
    ),
    Scenario(
        "nobody_at_all",
        "calls when every expert has signed out, and is promised at once to be called back",
        "13800138015",
        scripts.nobody_there,
        Expected(Outcome.WORK_ORDER, "en-US/work-order-made", prompt_tail=("en-US/goodbye",)),
        after=_TAKES_EXPERTS | {"agent_rejects"},
    ),
)

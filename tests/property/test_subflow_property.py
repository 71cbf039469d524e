"""Flows laid out flat against a naive walk with a stack of calls, and sites of such flows."""

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.actions import Ask, Farewell, InputTimedOut, KeyPressed, Speak, SpeechEnded
from ivr.flow.conditions import Expression, Names, read_expression
from ivr.flow.expand import LaidOut, Limit, TooMuch, laid_out
from ivr.flow.interpreter import advance, begin
from ivr.flow.load import load_site
from ivr.flow.model import (
    Branch,
    Case,
    Change,
    HangUp,
    Held,
    Hotline,
    Language,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    Retry,
    SetVariables,
)
from ivr.flow.problems import Place
from ivr.flow.values import CALLER_KNOWN, Kind, Slot, Value, Variable
from ivr.flow.walking import SILENT_STEPS_MAX
from ivr.flow.written import CallFlow, Goto, GotoFlow, Jump, Return, WrittenFlow
from ivr.flow.zone import Zone

pytestmark = pytest.mark.property

ZH = Language("zh-CN")
PLACE = Place("x")
VARIABLES = (Variable("a", Kind.INT, 1), Variable("b", Kind.INT, 2))
ASKED = Variable(CALLER_KNOWN, Kind.BOOL, True)
NAMES = Names(
    {each.name: Slot(each, index) for index, each in enumerate((*VARIABLES, ASKED))}, (ZH,)
)
KEYS = ("1", "2", "9")
KINDS = ("play", "menu", "set", "branch", "call", "call", "goto", "far", "back", "back", "bye")
STEPS_MAX = 60
RETURNING_MIN = 50
"""Of 300 random flows, those in which a caller comes back from a call."""

SPOKEN_TWICE_MAX = 3_000


def expression(text: str, kind: Kind) -> Expression:
    return read_expression(text, NAMES, wanted=kind)


CONDITIONS = [
    expression(text, Kind.BOOL)
    for text in ("a > b", "a + b == 5", "caller_known && a < 9", "b in [1, a]", "1 / (a - 1) > 0")
]
SUMS: list[Value | Held | Expression] = [
    *(expression(text, Kind.INT) for text in ("a + 1", "b - a", "a * b", "1 / (b - 2)")),
    *range(3),
]
ARGUMENTS: list[Value | Held | Expression] = [*SUMS, Held("a", 0), Held("b", 1)]


def written(chance: Random, names: list[str], number: int) -> WrittenFlow:
    """A flow that calls only later ones, and goes to any: no circle of calls, but of gotos."""
    own = [NodeName(f"n{index}") for index in range(chance.randint(3, 6))]
    nodes: dict[NodeName, Node] = {}
    jumps: dict[NodeName, Jump] = {}
    for name in own:
        kind = chance.choice(KINDS) if number or name != own[0] else "call"
        jump = jump_at_random(chance, kind, names, number, own)
        if jump is not None:
            jumps[name] = jump
        else:
            nodes[name] = node_at_random(chance, kind, f"{names[number]}.{name}", own)
    places = dict.fromkeys(own, PLACE)
    return WrittenFlow(
        names[number], PLACE, own[0], nodes, jumps, places, {}, VARIABLES, True, True
    )


def jump_at_random(
    chance: Random, kind: str, names: list[str], number: int, own: list[NodeName]
) -> Jump | None:
    later = names[number + 1 :]
    match kind:
        case "call" if later:
            given = tuple(
                Change(VARIABLES[index].name, index, chance.choice(ARGUMENTS))
                for index in chance.sample(range(2), chance.randint(0, 2))
            )
            taken = (Change("b", 1, Held("a", 0)),) if chance.random() < 0.5 else ()
            on = {"ok": chance.choice(own), "no": chance.choice(own)}
            return CallFlow(chance.choice(later), given, taken, on, chance.choice(own))
        case "goto":
            return Goto(chance.choice(own))
        case "far" if later and (number or chance.random() < 0.2):
            return GotoFlow(chance.choice(later))
        case "back" if number:
            return Return(chance.choice(["", "ok", "no"]))
        case _:
            return None


def node_at_random(chance: Random, kind: str, prompt: str, own: list[NodeName]) -> Node:
    said = (PromptKey(prompt),)
    match kind:
        case "play":
            return Play(said, chance.choice(own))
        case "set":
            index = chance.randrange(2)
            change = Change(VARIABLES[index].name, index, chance.choice(SUMS))
            return SetVariables((change,), chance.choice(own))
        case "branch":
            case = Case(chance.choice(CONDITIONS), chance.choice(own))
            return Branch((case,), chance.choice(own))
        case "bye":
            return HangUp((PromptKey("bye"),))
        case _:
            retry = Retry(chance.randint(0, 1), chance.choice(own))
            choices = {"1": chance.choice(own), "2": chance.choice(own)}
            return Menu(said, choices, 1_000, retry, retry)


def random_flows(seed: int) -> dict[str, WrittenFlow]:
    chance = Random(seed)
    names = [f"f{number}" for number in range(chance.randint(2, 5))]
    # The first flow is never called: a return in it, or where it goes for good, has no caller.
    return {name: written(chance, names, number) for number, name in enumerate(names)}


@dataclass
class Frame:
    """One call: the values of each flow it has gone through, and how it goes on."""

    called: str
    values: dict[str, list[Value]]
    back: tuple[str, CallFlow] | None = None


@dataclass
class Naive:
    """Walks written flows with a stack, as one would by hand."""

    flows: dict[str, WrittenFlow]
    flow: str
    node: NodeName
    stack: list[Frame]
    known: bool
    returned: int = 0

    def arrive(self) -> str:
        """Pass what is silent; what is said, or how it ended."""
        for _ in range(SILENT_STEPS_MAX):
            written = self.flows[self.flow]
            jump = written.jumps.get(self.node)
            if jump is not None:
                if not self.jump(jump):
                    return "lost"
                continue
            match written.nodes[self.node]:
                case Play(prompts=prompts) | Menu(prompts=prompts):
                    return prompts[0]
                case HangUp(prompts=prompts):
                    return f"end:{prompts[0]}"
                case SetVariables(changes=changes, next=following):
                    for change in changes:
                        self.change(self.values(), change.index, self.value(change.to))
                    self.node = following
                case Branch(cases=cases, otherwise=otherwise):
                    holds = cases[0].condition.value(self.asked(), ZH)
                    self.node = cases[0].then if holds else otherwise
                case other:
                    raise AssertionError(other)
        return "looped"

    def jump(self, jump: Jump) -> bool:
        match jump:
            case Goto(to):
                self.node = to
            case GotoFlow(flow):
                self.stack[-1].values[flow] = [each.default for each in VARIABLES]
                self.begin(flow)
            case CallFlow() as call:
                values: list[Value] = [each.default for each in VARIABLES]
                for each in call.given:
                    self.change(values, each.index, self.value(each.to))
                self.stack.append(Frame(call.flow, {call.flow: values}, (self.flow, call)))
                self.begin(call.flow)
            case Return(exit):
                if self.stack[-1].back is None:
                    return False
                self.returned += 1
                frame = self.stack.pop()
                assert frame.back is not None
                self.flow, call = frame.back
                results = frame.values[frame.called]
                for each in call.taken:
                    assert isinstance(each.to, Held)
                    self.values()[each.index] = results[each.to.index]
                following = call.on[exit] if exit else call.next
                assert following is not None
                self.node = following
        return True

    def begin(self, flow: str) -> None:
        start = self.flows[flow].start
        assert start is not None
        self.flow, self.node = flow, start

    def values(self) -> list[Value]:
        return self.stack[-1].values[self.flow]

    def asked(self) -> tuple[Value, ...]:
        return (*self.values(), self.known)

    def value(self, to: Value | Held | Expression) -> Value | None:
        if isinstance(to, Expression):
            return to.value(self.asked(), ZH)
        return self.values()[to.index] if isinstance(to, Held) else to

    @staticmethod
    def change(values: list[Value], index: int, value: Value | None) -> None:
        if value is not None:
            values[index] = value


def naive(flows: dict[str, WrittenFlow], *, known: bool) -> Naive:
    first = flows["f0"]
    assert first.start is not None
    values: dict[str, list[Value]] = {"f0": [each.default for each in VARIABLES]}
    return Naive(flows, "f0", first.start, [Frame("f0", values)], known)


def hotline_of(laid: LaidOut) -> Hotline:
    return Hotline("h", ("1",), (ZH,), "UTC", laid.flow)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), choice=st.integers(0, 2**32), known=st.booleans())
def test_flat_flow_says_what_a_stack_of_calls_says(seed: int, choice: int, known: bool) -> None:
    flows = random_flows(seed)
    laid = laid_out(flows, "f0")
    if isinstance(laid, TooMuch):
        return
    hotline, chance, by_hand = hotline_of(laid), Random(choice), naive(flows, known=known)
    if has_return_outside(flows):
        return
    state, action = begin(hotline, caller_known=known)
    expected = by_hand.arrive()
    for _ in range(STEPS_MAX):
        if isinstance(action, Farewell):
            said = action.prompts[0] if action.prompts else None
            assert expected == (f"end:{said}" if said else "looped")
            return
        assert isinstance(action, Speak | Ask)
        assert action.prompts == (expected,)
        assert laid.flow.sources.get(state.node) is None or expected.replace(
            ".", "/"
        ) == laid.flow.sources[state.node].node.replace("f0/", "")
        if isinstance(action, Speak):
            step = advance(hotline, state, SpeechEnded())
            by_hand.node = following_of(by_hand)
        else:
            key = chance.choice(("1", "2"))
            step = advance(hotline, state, KeyPressed(key))
            menu = by_hand.flows[by_hand.flow].nodes[by_hand.node]
            assert isinstance(menu, Menu)
            by_hand.node = menu.choices[key]
        assert step is not None
        state, action = step
        expected = by_hand.arrive()


def following_of(by_hand: Naive) -> NodeName:
    node = by_hand.flows[by_hand.flow].nodes[by_hand.node]
    assert isinstance(node, Play)
    return node.next


def has_return_outside(flows: dict[str, WrittenFlow]) -> bool:
    reached, ahead = {"f0"}, ["f0"]
    while ahead:
        for jump in flows[ahead.pop()].jumps.values():
            if isinstance(jump, Return):
                return True
            if isinstance(jump, GotoFlow) and jump.flow not in reached:
                reached.add(jump.flow)
                ahead.append(jump.flow)
    return False


def test_walks_that_are_compared_do_go_through_calls() -> None:
    returned = 0
    for seed in range(300):
        flows = random_flows(seed)
        by_hand = naive(flows, known=True)
        said = "" if has_return_outside(flows) else by_hand.arrive()
        for _ in range(STEPS_MAX if "." in said else 0):
            node = by_hand.flows[by_hand.flow].nodes[by_hand.node]
            by_hand.node = node.choices["1"] if isinstance(node, Menu) else following_of(by_hand)
            said = by_hand.arrive()
            if "." not in said:
                break
        returned += by_hand.returned > 0
    assert returned > RETURNING_MIN


def chain(length: int) -> dict[str, WrittenFlow]:
    flows: dict[str, WrittenFlow] = {}
    for number in range(length):
        call = CallFlow(f"f{number + 1}", next=NodeName("b"))
        jumps: dict[NodeName, Jump] = {NodeName("a"): call, NodeName("b"): Return()}
        places = dict.fromkeys(jumps, PLACE)
        flows[f"f{number}"] = WrittenFlow(
            f"f{number}", PLACE, NodeName("a"), {}, jumps, places, {}, (), False, True
        )
    return flows


@pytest.mark.parametrize(("length", "is_too_deep"), [(9, False), (10, True), (40, True)])
def test_depth_of_calls_is_bounded(length: int, is_too_deep: bool) -> None:
    laid = laid_out(chain(length), "f0")
    assert isinstance(laid, TooMuch) == is_too_deep
    if isinstance(laid, TooMuch):
        assert laid.limit is Limit.DEPTH


def site_text(chance: Random) -> str:
    """A hotline with defaults and flows that jump at random; often wrong, never more than that."""
    names = [f"f{number}" for number in range(chance.randint(1, 4))]
    lines = [
        'hotline: "h"',
        'numbers: ["100"]',
        "languages: [zh-CN]",
        "timezone: UTC",
        "defaults: {noinput: {times: 1, then: bye}, nomatch: {then: bye}}",
        "flow: f0",
        "flows:",
    ]
    for number, name in enumerate(names):
        count = chance.randint(2, 5)
        own = [f"n{index}" for index in range(count)]
        lines += [f"  {name}:", "    vars: {a: {type: int}, b: {type: bool}}", "    start: n0"]
        lines += ["    nodes:", "      bye: {hangup: }"]
        for index in range(count):
            to = own[index + 1] if index + 1 < count else chance.choice([*own, "bye", "bye"])
            lines.append(f"      n{index}: {site_node(chance, names, number, to)}")
    return "\n".join(lines) + "\n"


def site_node(chance: Random, names: list[str], number: int, to: str) -> str:
    later = chance.choice(names[number + 1 :] or names)
    with_ = chance.choice(["", ", with: {a: a + 1}", ", with: {b: caller_known}, into: {a: a}"])
    return chance.choice(
        [
            f"{{play: hello, next: {to}}}",
            f'{{menu: {{prompt: hello, choices: {{"1": {to}}}}}}}',
            f"{{set: {{a: a + 1, b: a > 3}}, next: {to}}}",
            f'{{branch: {{when: [{{if: "b || a > 2", then: bye}}], else: {to}}}}}',
            f"{{subflow: {{flow: {later}{with_}}}, next: {to}}}",
            f"{{subflow: {{flow: {later}}}, next: {to}, on: {{ok: bye}}}}",
            f"{{goto: {to}}}",
            f"{{goto: {{flow: {later}}}}}",
            "{return: {exit: ok}}",
            "{return: }",
        ]
    )


def check_ends(hotline: Hotline, chance: Random) -> None:
    state, action = begin(hotline, caller_known=chance.random() < 0.5)
    for _ in range(SPOKEN_TWICE_MAX):
        if isinstance(action, Farewell):
            return
        given = SpeechEnded()
        if isinstance(action, Ask):
            given = chance.choice([InputTimedOut(), *map(KeyPressed, KEYS)])
        step = advance(hotline, state, given)
        assert step is not None
        state, action = step
        assert state.node in hotline.flow.nodes
    raise AssertionError("the flow goes on for ever")


def test_random_site_is_refused_with_reasons_or_always_ends() -> None:
    served = 0
    for seed in range(600):
        chance = Random(seed)
        files = {
            "site.yaml": "tenant: main\nskills: []\ndevices: {}\nagents: {}\n",
            "h/hotline.yaml": site_text(chance),
        }
        loaded = load_site(
            files, prompts={"zh-CN": {"hello"}}, timezones={"UTC": Zone("UTC", (0,))}
        )
        assert (loaded.site is None) == any(
            each.severity.value == "error" for each in loaded.problems
        )
        if loaded.site is not None:
            served += 1
            check_ends(loaded.site.hotlines["h"], chance)
    assert served > 10

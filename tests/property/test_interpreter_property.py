"""Any flow, any inputs: the interpreter never raises, and always comes to an end."""

from collections.abc import Callable
from typing import cast

import msgspec
import pytest
from expression_texts import NAMES as DECLARED
from expression_texts import VARIABLES, bools, ints, numbers, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.collecting import DigitRules
from ivr.flow.conditions import EXPRESSION_CHARS_MAX, Expression, read_expression
from ivr.flow.expression_words import Misread
from ivr.flow.interpreter import (
    SPOKEN_STEPS_MAX,
    Action,
    Ask,
    Farewell,
    FlowInput,
    FlowState,
    InputTimedOut,
    JoinQueue,
    KeyPressed,
    OpenWorkOrder,
    QueueLeft,
    Speak,
    SpeechEnded,
    WorkOrderOpened,
    advance,
    begin,
)
from ivr.flow.model import (
    Branch,
    Case,
    Change,
    Collect,
    EnterQueue,
    Flow,
    HangUp,
    Held,
    Hotline,
    Hours,
    Language,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
    Say,
    SayAs,
    SetLanguage,
    SetVariables,
)
from ivr.flow.opening import Calendar, Opening, Span
from ivr.flow.values import Kind, Slot, Value
from ivr.flow.zone import Zone

pytestmark = pytest.mark.property

NAMES = [NodeName(f"n{number}") for number in range(8)]
LANGUAGES = (Language("zh-CN"), Language("en-US"))
KEYS = "0123456789*#ABCD"
DIGITS_MAX = 3
MORNINGS = Calendar("mornings", Zone("UTC", (0,)), ((Span(0, 720),),) * 7, {})
TEXT_AT = next(index for index, each in enumerate(VARIABLES) if each.kind is Kind.TEXT)

names = st.sampled_from(NAMES)
prompts = st.lists(st.sampled_from([PromptKey("a"), PromptKey("b")]), max_size=3).map(tuple)
retries = st.builds(Retry, times=st.integers(0, 3), then=names, prompts=prompts, reprompt=prompts)


def readable(kind: Kind) -> Callable[[str], Expression | None]:
    def read(text: str) -> Expression | None:
        try:
            return read_expression(text[:EXPRESSION_CHARS_MAX], DECLARED, wanted=kind)
        except Misread:  # cut short, or a division by 0
            return None

    return read


def expressions(texts_of: st.SearchStrategy[str], kind: Kind) -> st.SearchStrategy[Expression]:
    read = texts_of.map(readable(kind))
    return read.filter(lambda each: each is not None).map(lambda each: cast(Expression, each))


def change_of(slot: Slot) -> st.SearchStrategy[Change]:
    to: dict[Kind, st.SearchStrategy[Value | Expression]] = {
        Kind.INT: numbers | expressions(ints, Kind.INT),
        Kind.TEXT: texts,
        Kind.BOOL: st.booleans(),
    }
    return st.builds(
        Change,
        name=st.just(slot.variable.name),
        index=st.just(slot.index),
        to=to[slot.variable.kind],
    )


changes = st.one_of([change_of(slot) for slot in DECLARED.variables.values()])
cases = st.builds(Case, condition=expressions(bools, Kind.BOOL), then=names)
held = st.sampled_from([Held(each.name, index) for index, each in enumerate(VARIABLES)])
spoken_texts = st.sampled_from(["", "10086", "+86", "2026-11-02", "2026-02-30", "09:30", "24:00"])
nodes: st.SearchStrategy[Node] = st.one_of(
    st.builds(Play, prompts=prompts, next=names, barge_in=st.booleans()),
    st.builds(
        Menu,
        prompts=prompts,
        choices=st.dictionaries(st.sampled_from(KEYS), names, max_size=4),
        noinput_after_ms=st.integers(0, 10_000),
        noinput=retries,
        nomatch=retries,
        barge_in=st.booleans(),
    ),
    st.builds(
        Collect,
        prompts=prompts,
        rules=st.builds(
            DigitRules,
            least=st.integers(1, DIGITS_MAX),
            most=st.just(DIGITS_MAX),
            terminator=st.sampled_from([None, "#", "*"]),
            luhn=st.booleans(),
        ),
        into=st.just(Held(VARIABLES[TEXT_AT].name, TEXT_AT)),
        next=names,
        noinput_after_ms=st.integers(0, 10_000),
        between_digits_ms=st.integers(0, 10_000),
        noinput=retries,
        nomatch=retries,
        barge_in=st.booleans(),
    ),
    st.builds(
        Hours,
        calendar=st.just(MORNINGS),
        on=st.fixed_dictionaries(
            {Opening.OPEN: names, Opening.CLOSED: names}, optional={Opening.EMERGENCY: names}
        ),
    ),
    st.builds(SetLanguage, language=st.sampled_from(LANGUAGES), next=names),
    st.builds(
        SetVariables,
        changes=st.lists(changes, max_size=3).map(tuple),
        next=names,
        language=st.none() | st.sampled_from(LANGUAGES),
    ),
    st.builds(Branch, cases=st.lists(cases, max_size=3).map(tuple), otherwise=names),
    st.builds(
        Say,
        way=st.sampled_from(SayAs),
        what=held | numbers | spoken_texts,
        next=names,
        prompts=prompts,
        barge_in=st.booleans(),
    ),
    st.builds(
        EnterQueue,
        queue=st.just("data"),
        priority_ms=st.integers(0, 60_000),
        on=st.fixed_dictionaries(dict.fromkeys(QueueExit, names)),
    ),
    st.builds(
        MakeWorkOrder,
        topic=st.just("callback"),
        skill=st.none(),
        within_ms=st.just(3_600_000),
        next=names,
    ),
    st.builds(HangUp, prompts=prompts),
)
hotlines = st.builds(
    Hotline,
    name=st.just("h"),
    numbers=st.just(("1",)),
    languages=st.just(LANGUAGES),
    timezone=st.just("UTC"),
    flow=st.builds(
        Flow,
        name=st.just("f"),
        start=names,
        nodes=st.fixed_dictionaries(dict.fromkeys(NAMES, nodes)),
        variables=st.just(VARIABLES),
    ),
)
inputs: st.SearchStrategy[FlowInput] = st.one_of(
    st.just(SpeechEnded()),
    st.builds(KeyPressed, st.sampled_from(KEYS) | st.text(max_size=2)),
    st.just(InputTimedOut()),
    st.builds(QueueLeft, st.sampled_from(QueueExit)),
    st.just(WorkOrderOpened()),
)

quick = settings(max_examples=100, derandomize=True, deadline=None)
long = settings(max_examples=25, derandomize=True, deadline=None)


@quick
@given(hotline=hotlines, given_inputs=st.lists(inputs, max_size=40))
def test_any_input_anywhere_is_taken_or_meaningless(
    hotline: Hotline, given_inputs: list[FlowInput]
) -> None:
    state, action = begin(hotline)
    for each in given_inputs:
        step = advance(hotline, state, each)
        assert (step is not None) == means_something(hotline.flow.nodes[state.node], each)
        if step is not None:
            state, action = step
        assert state.node in hotline.flow.nodes
        assert state.language in LANGUAGES
        assert [type(each) for each in state.values] == [type(each.default) for each in VARIABLES]
        assert hash(state) == hash(restored(state))
        assert restored(state) == state
        if isinstance(action, Speak | Ask | Farewell):
            assert action.language is state.language


def restored(state: FlowState) -> FlowState:
    return msgspec.json.decode(msgspec.json.encode(state), type=FlowState)


def means_something(node: Node, given_input: FlowInput) -> bool:
    match given_input:
        case SpeechEnded():
            return isinstance(node, Play | Say)
        case KeyPressed() | InputTimedOut():
            return isinstance(node, Menu | Collect)
        case QueueLeft():
            return isinstance(node, EnterQueue)
        case WorkOrderOpened():
            return isinstance(node, MakeWorkOrder)


@long
@given(hotline=hotlines, choice=st.randoms(use_true_random=False))
def test_every_flow_ends_within_its_limit(hotline: Hotline, choice: object) -> None:
    pick = getattr(choice, "choice")  # noqa: B009 - hypothesis gives a Random it does not name
    state, action = begin(hotline)
    for _ in range((SPOKEN_STEPS_MAX + 1) * (1 + DIGITS_MAX)):  # a key of an entry is no action
        if isinstance(action, Farewell):
            return
        step = advance(hotline, state, pick(answers_to(action)))
        assert step is not None
        state, action = step
    raise AssertionError("the flow goes on for ever")


def answers_to(action: Action) -> list[FlowInput]:
    match action:
        case Speak():
            return [SpeechEnded()]
        case Ask():
            return [InputTimedOut(), *map(KeyPressed, KEYS)]
        case JoinQueue():
            return [QueueLeft(exit) for exit in QueueExit]
        case OpenWorkOrder():
            return [WorkOrderOpened()]
        case Farewell():
            return []


def test_silent_circle_ends_with_its_name() -> None:
    circle: dict[NodeName, Node] = {
        NAMES[0]: SetLanguage(LANGUAGES[1], NAMES[1]),
        NAMES[1]: SetLanguage(LANGUAGES[0], NAMES[0]),
    }
    hotline = Hotline("h", ("1",), LANGUAGES, "UTC", Flow("f", NAMES[0], circle))
    _, action = begin(hotline)
    assert isinstance(action, Farewell)
    assert action.reason == "flow_looped"


def test_talking_circle_ends_with_its_name() -> None:
    circle: dict[NodeName, Node] = {NAMES[0]: Play((PromptKey("a"),), NAMES[0])}
    hotline = Hotline("h", ("1",), LANGUAGES, "UTC", Flow("f", NAMES[0], circle))
    state, action = begin(hotline)
    spoken = 0
    while isinstance(action, Speak):
        spoken += 1
        step = advance(hotline, state, SpeechEnded())
        assert step is not None
        state, action = step
    assert spoken == SPOKEN_STEPS_MAX
    assert isinstance(action, Farewell)
    assert action.reason == "flow_endless"

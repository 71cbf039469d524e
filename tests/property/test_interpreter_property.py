"""Any flow, any inputs: the interpreter never raises, and always comes to an end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.interpreter import (
    SPOKEN_STEPS_MAX,
    Action,
    Ask,
    Farewell,
    FlowInput,
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
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
    SetLanguage,
)

pytestmark = pytest.mark.property

NAMES = [NodeName(f"n{number}") for number in range(8)]
LANGUAGES = (Language("zh-CN"), Language("en-US"))
KEYS = "0123456789*#ABCD"

names = st.sampled_from(NAMES)
prompts = st.lists(st.sampled_from([PromptKey("a"), PromptKey("b")]), max_size=3).map(tuple)
retries = st.builds(Retry, times=st.integers(0, 3), then=names, prompts=prompts)
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
    st.builds(SetLanguage, language=st.sampled_from(LANGUAGES), next=names),
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
        if isinstance(action, Speak | Ask | Farewell):
            assert action.language is state.language


def means_something(node: Node, given_input: FlowInput) -> bool:
    match given_input:
        case SpeechEnded():
            return isinstance(node, Play)
        case KeyPressed() | InputTimedOut():
            return isinstance(node, Menu)
        case QueueLeft():
            return isinstance(node, EnterQueue)
        case WorkOrderOpened():
            return isinstance(node, MakeWorkOrder)


@long
@given(hotline=hotlines, choice=st.randoms(use_true_random=False))
def test_every_flow_ends_within_its_limit(hotline: Hotline, choice: object) -> None:
    pick = getattr(choice, "choice")  # noqa: B009 - hypothesis gives a Random it does not name
    state, action = begin(hotline)
    for _ in range(SPOKEN_STEPS_MAX + 1):
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

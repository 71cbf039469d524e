"""Any flow, any inputs: the interpreter never raises, and always comes to an end."""

from collections.abc import Callable
from typing import cast

import msgspec
import pytest
from expression_texts import NAMES as DECLARED
from expression_texts import VARIABLES, bools, ints, numbers, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.actions import (
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
)
from ivr.flow.asking import ANSWERS_MAX
from ivr.flow.collecting import DigitRules
from ivr.flow.conditions import EXPRESSION_CHARS_MAX, Expression, read_expression
from ivr.flow.expression_words import Misread
from ivr.flow.interpreter import advance, begin
from ivr.flow.looking_up import AskService, LookupReturned
from ivr.flow.model import (
    AskQuestion,
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
    Lookup,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    OutsideExit,
    Play,
    PromptKey,
    QueueExit,
    Record,
    RecordExit,
    Retry,
    Say,
    SayAs,
    Send,
    SetLanguage,
    SetVariables,
    Take,
    TextMessage,
    TransferOutside,
)
from ivr.flow.opening import Calendar, Opening, Span
from ivr.flow.recording import MessageRecorded, RecordMessage
from ivr.flow.secret_entry import SecretCame, SecretEntry, SecretKey
from ivr.flow.sending import SendText, TextHandled
from ivr.flow.services import LookupOutcome, SentAs
from ivr.flow.transferring import CallOutside, OutsideFailed
from ivr.flow.values import Kind, SecretRef, Slot, Value
from ivr.flow.walking import SPOKEN_STEPS_MAX
from ivr.flow.zone import Zone

pytestmark = pytest.mark.property

NAMES = [NodeName(f"n{number}") for number in range(8)]
LANGUAGES = (Language("zh-CN"), Language("en-US"))
KEYS = "0123456789*#ABCD"
DIGITS_MAX = 3
MORNINGS = Calendar("mornings", Zone("UTC", (0,)), ((Span(0, 720),),) * 7, {})
TEXT_AT = next(index for index, each in enumerate(VARIABLES) if each.kind is Kind.TEXT)
TEXT_HELD = Held(VARIABLES[TEXT_AT].name, TEXT_AT)

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
takes = st.sampled_from(
    [Take("any", each.kind, Held(each.name, index)) for index, each in enumerate(VARIABLES)]
)
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
        sensitive=st.booleans(),
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
        keys=st.dictionaries(st.sampled_from(KEYS), names, max_size=3),
        context=st.lists(held, max_size=2).map(tuple),
    ),
    st.builds(
        TransferOutside,
        to=st.just("police"),
        ring_ms_max=st.just(20_000),
        on=st.fixed_dictionaries(dict.fromkeys(OutsideExit, names)),
    ),
    st.builds(
        Record,
        prompts=prompts,
        topic=st.just("case"),
        max_ms=st.just(60_000),
        silence_ms=st.just(4_000),
        on=st.fixed_dictionaries(dict.fromkeys(RecordExit, names)),
        barge_in=st.booleans(),
    ),
    st.builds(
        MakeWorkOrder,
        topic=st.just("callback"),
        skill=st.none(),
        within_ms=st.just(3_600_000),
        next=names,
    ),
    st.builds(
        Lookup,
        service=st.just("customer"),
        sends=st.just((Send("number", SentAs.CALLER), Send("text", SentAs.VALUE, TEXT_HELD))),
        takes=st.lists(takes, max_size=2).map(tuple),
        on=st.fixed_dictionaries(
            dict.fromkeys(
                (each for each in LookupOutcome if each is not LookupOutcome.LOST), names
            ),
            optional={LookupOutcome.LOST: names},
        ),
        prompts=prompts,
        patience_ms_max=st.integers(1, 60_000),
    ),
    st.builds(
        TextMessage,
        template=st.just("balance"),
        values=st.lists(held, max_size=3).map(tuple),
        next=names,
        no_number=names,
    ),
    st.builds(
        AskQuestion,
        prompts=prompts,
        question=st.sampled_from([f"question-{number}" for number in range(ANSWERS_MAX + 1)]),
        answers=st.dictionaries(st.sampled_from(KEYS[:9]), names, min_size=1),
        noinput_after_ms=st.integers(0, 10_000),
        noinput=retries,
        nomatch=retries,
        into=st.none() | st.just(Held(VARIABLES[TEXT_AT].name, TEXT_AT)),
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
secret_entries = st.builds(
    SecretEntry, st.just(SecretRef("c1.s1")), st.integers(1, DIGITS_MAX), st.booleans()
)
inputs: st.SearchStrategy[FlowInput] = st.one_of(
    st.just(SpeechEnded()),
    st.builds(KeyPressed, st.sampled_from(KEYS) | st.text(max_size=2)),
    st.builds(SecretKey, secret_entries, st.sampled_from(SecretCame)),
    st.just(InputTimedOut()),
    st.builds(QueueLeft, st.sampled_from(QueueExit)),
    st.builds(OutsideFailed, st.sampled_from(OutsideExit)),
    st.just(WorkOrderOpened()),
    st.builds(MessageRecorded, st.sampled_from(RecordExit)),
    st.builds(TextHandled, st.booleans()),
    st.builds(
        LookupReturned,
        st.sampled_from(LookupOutcome),
        st.lists(st.booleans() | numbers | texts, max_size=3).map(tuple),
    ),
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


def asks_secretly(node: Node) -> bool:
    return isinstance(node, Collect) and node.sensitive


MEANT: dict[type[FlowInput], tuple[type[Node], ...]] = {
    SpeechEnded: (Play, Say),
    OutsideFailed: (TransferOutside,),
    QueueLeft: (EnterQueue,),
    WorkOrderOpened: (MakeWorkOrder,),
    MessageRecorded: (Record,),
    TextHandled: (TextMessage,),
    LookupReturned: (Lookup,),
    InputTimedOut: (Menu, Collect, AskQuestion),
}
"""Which nodes take which input, where nothing else decides."""


def means_something(node: Node, given_input: FlowInput) -> bool:
    match given_input:
        case KeyPressed(key) if isinstance(node, EnterQueue):
            return key in node.keys
        case KeyPressed():
            asks = isinstance(node, Menu | Collect | AskQuestion)
            return asks and not asks_secretly(node)
        case SecretKey():
            return asks_secretly(node)
        case _:
            return isinstance(node, MEANT[type(given_input)])


@long
@given(hotline=hotlines, choice=st.randoms(use_true_random=False))
def test_every_flow_ends_within_its_limit(hotline: Hotline, choice: object) -> None:
    pick = getattr(choice, "choice")  # noqa: B009 - hypothesis gives a Random it does not name
    state, action = begin(hotline)
    for _ in range((SPOKEN_STEPS_MAX + 1) * (1 + DIGITS_MAX)):  # a key of an entry is no action
        if isinstance(action, Farewell):
            return
        closed = pick((False, True))
        step = advance(hotline, state, pick(answers_to(action)), closed=closed)
        assert step is not None
        state, action = step
    raise AssertionError("the flow goes on for ever")


def answers_to(action: Action) -> list[FlowInput]:
    match action:
        case Speak() | OpenWorkOrder():
            return [SpeechEnded() if isinstance(action, Speak) else WorkOrderOpened()]
        case Ask(secret=None):
            return [InputTimedOut(), *map(KeyPressed, KEYS)]
        case Ask():
            entry = SecretEntry(SecretRef("c1.s1"), 1, passes=True)
            return [InputTimedOut(), *(SecretKey(entry, came) for came in SecretCame)]
        case CallOutside():
            return [OutsideFailed(exit) for exit in OutsideExit]
        case JoinQueue():
            return [QueueLeft(exit) for exit in QueueExit]
        case RecordMessage():
            return [MessageRecorded(exit) for exit in RecordExit]
        case SendText():
            return [TextHandled(has_number=True), TextHandled(has_number=False)]
        case AskService():
            return [LookupReturned(outcome) for outcome in LookupOutcome]
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

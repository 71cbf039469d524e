"""Reads a file of caller tests; every mistake in it is a located problem, all at once."""

import re
from collections.abc import Callable, Mapping

from ivr.call.model import Outcome
from ivr.flow.by_hand import notices_closing
from ivr.flow.clock_times import minute_of
from ivr.flow.problems import Code, Problems, listing, quoted
from ivr.flow.shape import Fields, Reader, Shape
from ivr.flow.site import Seating
from ivr.flow.yaml_tree import Scalar, Table, Tree
from ivr.flow.zone import DAY_MS, day_number
from ivr.rehearsal import shapes
from ivr.rehearsal.asked_services import StubReader
from ivr.rehearsal.caller_test import (
    CallerTest,
    CallStep,
    CloseHotline,
    Expect,
    Expectation,
    ExpertDoes,
    HangUpNow,
    Hear,
    HearWords,
    LetPass,
    OutsideHangsUp,
    Press,
    SayWords,
)
from ivr.rehearsal.experts import Act, Habit, LineAct, RecordingHabit
from ivr.rehearsal.putting_through import TransferReader
from ivr.rehearsal.read_recorded import read_recorded
from ivr.rehearsal.read_said import SaidReader
from ivr.rehearsal.read_words import Around, WordReader
from ivr.rehearsal.rush import read_rush
from ivr.rehearsal.stage import ORDINARY_WALL, Company, Number
from ivr.rehearsal.together import can_be_together

MINUTE_MS = 60_000

PASS_MS_MAX = 4 * 3_600_000
"""The longest a caller does nothing in one step: as long as the longest talk."""

PRIORITY_MS_MAX = 24 * 3_600_000
"""The highest priority a flow can give."""

WITHIN_MS_MAX = 30 * 24 * 3_600_000
"""The latest a work order can fall due."""

AHEAD_MAX = 100
"""Other callers in one queue: beyond every limit worth testing."""

_KEYS = re.compile(r"[0-9A-D*#]{1,32}")


class CallerTestReader:
    """Reads the tests of one hotline."""

    def __init__(self, around: Around, problems: Problems) -> None:
        self._around = around
        self._problems = problems
        self._read = Reader(problems)
        self._words = WordReader(around, problems)
        self._before: tuple[CallStep, ...] = ()
        self._stubs = StubReader(around.site.services, around.hotline.flow, problems)
        self._said = SaidReader(around.hotline, self._words, problems)
        self._transfers = TransferReader(around.site, self._words, problems)
        self._values: Mapping[str, Callable[[Tree], str | None]] = {
            "queue": self._words.queue,
            "skill": self._words.requirement,
            "priority": lambda tree: self._words.duration(tree, "the priority", PRIORITY_MS_MAX),
            "position": lambda tree: self._words.count(tree, "the position"),
            "expected_wait": lambda tree: self._words.duration(tree, "the wait", PASS_MS_MAX),
            "ringing": self._words.agent_or_nobody,
            "agent": self._words.agent_or_nobody,
            "language": self._words.language,
            "message": self._said.message,
            "transfer": self._transfers.target,
            "context": lambda tree: self._read.text(tree, "what the expert's phone shows"),
            "node": self._words.node,
            "topic": lambda tree: self._read.name(tree, "a topic"),
            "within": lambda tree: self._words.duration(tree, "the deadline", WITHIN_MS_MAX),
            "reason": lambda tree: self._read.text(tree, "a reason"),
            "wait": lambda tree: self._words.duration(tree, "the wait", PASS_MS_MAX),
            "offers": lambda tree: self._words.count(tree, "the number of offers"),
        }

    def read(self, tree: Tree) -> tuple[CallerTest, ...]:
        """The tests that could be read; what is wrong with the others is told."""
        fields = self._read.fields(tree, shapes.TESTS)
        listed = None if fields is None else fields.value("tests")
        table = None if listed is None else self._read.table(listed, "tests")
        if fields is None or table is None:
            return ()
        self._before = self._steps(fields, "before")
        read = [self._test(entry.key, entry.value) for entry in table.entries]
        return tuple(test for test in read if test is not None)

    def _test(self, name: Scalar, tree: Tree) -> CallerTest | None:
        fields = self._read.fields(tree, shapes.TEST)
        if fields is None:
            return None
        hotline = self._around.hotline
        dial = self._dial(fields)
        lines = self._named(fields, "outside", self._transfers.number)
        company = Company(
            self._experts(fields),
            self._ahead(fields),
            self._wall(fields),
            outside=self._transfers.habits(lines),
            caller_known=self._is_caller_known(fields),
            lookups=self._stubs.read(fields),
            closed=self._closed(fields),
            recording=self._recording(fields),
            rush=read_rush(fields, self._read, self._words),
        )
        steps = (*self._first(fields), *self._steps(fields, "steps"))
        ending = (*self._outcome(fields), *self._work_order(fields), *self._record(fields))
        ending = (*ending, *self._said.endings(fields))
        ending = (*ending, *read_recorded(fields, hotline, self._words, self._problems))
        return CallerTest(name.text, name.place, hotline.name, dial, steps, company, ending)

    def _dial(self, fields: Fields) -> str:
        numbers = self._around.hotline.numbers
        tree = fields.value("dial")
        number = None if tree is None else self._read.text(tree, "the number to dial")
        if tree is None or number is None:
            return numbers[0]
        if number not in numbers:
            self._words.unknown(tree, number, numbers, what="number of this hotline")
        return number

    def _is_caller_known(self, fields: Fields) -> bool:
        tree = fields.value("caller")
        number = None if tree is None else self._words.word(tree, Number, "the caller's number")
        return number is not Number.WITHHELD

    def _closed(self, fields: Fields) -> str:
        """Why the hotline is closed by hand; empty where it is not."""
        tree = fields.value("closed")
        return "" if tree is None else self._reason(tree)

    def _reason(self, tree: Tree) -> str:
        if not notices_closing(self._around.hotline):
            self._problems.error(
                Code.CLOSED_WITHOUT_HOURS,
                tree.place,
                "No caller notices that this hotline is closed by hand: it has no hours node.",
                "Remove `closed`, or add an hours node to the flow.",
            )
        return self._read.text(tree, "the reason") or ""

    def _recording(self, fields: Fields) -> RecordingHabit:
        tree = fields.value("recording")
        what = "what becomes of recordings"
        habit = None if tree is None else self._words.word(tree, RecordingHabit, what)
        return habit or RecordingHabit.KEPT

    def _wall(self, fields: Fields) -> int:
        """The UTC time of a call that is made at this local time."""
        tree = fields.value("at")
        text = None if tree is None else self._read.text(tree, "the time of the call")
        zone = self._around.zones.get(self._around.hotline.timezone)
        if tree is None or text is None or zone is None:
            return ORDINARY_WALL
        date, _, time = text.partition(" ")
        day, minute = day_number(date), minute_of(time)
        if day is None or minute is None:
            self._problems.error(
                Code.BAD_TEXT,
                tree.place,
                f"{quoted(text)} is no time at which somebody could call.",
                'Write the day and the time in quotes, such as "2026-10-01 09:00".',
            )
            return ORDINARY_WALL
        local = day * DAY_MS + minute * MINUTE_MS
        near = local - zone.offset_ms(local)
        return local - zone.offset_ms(near)

    def _experts(self, fields: Fields) -> dict[str, Habit]:
        experts: dict[str, Habit] = {}
        for name, tree in self._named(fields, "experts", self._words.agent):
            habit = self._words.word(tree, Habit, "what an expert does")
            if habit is not None:
                experts[name] = habit
        self._require_seats(fields, experts)
        return experts

    def _require_seats(self, fields: Fields, experts: Mapping[str, Habit]) -> None:
        site = self._around.site
        agents = site.agents.values()
        free = len(site.devices) - sum(each.seating is Seating.FIXED for each in agents)
        wandering = [name for name in experts if site.agents[name].seating is Seating.FREE]
        if len(wandering) > free:
            self._problems.error(
                Code.NO_FREE_DEVICE,
                fields.place_of("experts"),
                f"There are {free} devices for those without a seat of their own, and "
                f"{len(wandering)} such experts: {listing(wandering)}.",
                "Let fewer of them be signed in, or add a device to site.yaml.",
            )

    def _ahead(self, fields: Fields) -> dict[str, int]:
        ahead: dict[str, int] = {}
        for name, tree in self._named(fields, "ahead", self._words.queue):
            callers = self._read.whole(tree, "the callers ahead", low=0, high=AHEAD_MAX)
            if callers is not None:
                ahead[name] = callers
        return ahead

    def _named(
        self, fields: Fields, key: str, known: Callable[[Tree], str | None]
    ) -> list[tuple[str, Tree]]:
        """The entries under a key whose own keys are names of the site."""
        tree = fields.value(key)
        table = None if tree is None else self._read.table(tree, f"`{key}`")
        entries = () if table is None else table.entries
        named = [(known(entry.key), entry.value) for entry in entries]
        return [(name, value) for name, value in named if name is not None]

    def _first(self, fields: Fields) -> tuple[CallStep, ...]:
        """The steps of the file, unless the test wants none of them."""
        tree = fields.value("before")
        word = None if tree is None else self._read.text(tree, "what comes first")
        if tree is None or word is None:
            return self._before
        if word != shapes.NO_STEPS:
            self._words.unknown(tree, word, (shapes.NO_STEPS,), what="word for `before` of a test")
        return ()

    def _steps(self, fields: Fields, key: str) -> tuple[CallStep, ...]:
        tree = fields.value(key)
        items = None if tree is None else self._read.items(tree, "the steps of a call")
        read = [self._step(item) for item in items or ()]
        return tuple(step for step in read if step is not None)

    def _step(self, tree: Tree) -> CallStep | None:
        if isinstance(tree, Scalar):
            if tree.text == shapes.HANG_UP:
                return HangUpNow(tree.place)
            self._words.unknown(
                tree, tree.text, (shapes.HANG_UP, *shapes.STEP.names()), what="step"
            )
            return None
        fields = self._read.fields(tree, shapes.STEP)
        if fields is None or not fields.entries:
            return None
        if len(fields.entries) > 1 or (isinstance(tree, Table) and len(tree.entries) > 1):
            self._problems.error(
                Code.WRONG_TYPE,
                tree.place,
                f"Several things stand in one step: {listing(fields.entries)}.",
                "Begin a line with `- ` for each.",
            )
            return None
        (key,) = fields.entries
        return self._one_step(key, fields.entries[key].value)

    def _one_step(self, key: str, tree: Tree) -> CallStep | None:
        match key:
            case "hear":
                return self._hear(tree)
            case "hear words":
                words = self._read.text(tree, "the words")
                return None if words is None else HearWords(tree.place, words)
            case "press":
                return self._press(tree)
            case "say nothing for" | "wait":
                ms = self._read.duration(tree, f"`{key}`", low_ms=1, high_ms=PASS_MS_MAX)
                return None if ms is None else LetPass(tree.place, ms)
            case "say words for":
                ms = self._read.duration(tree, f"`{key}`", low_ms=1, high_ms=PASS_MS_MAX)
                return None if ms is None else SayWords(tree.place, ms)
            case "expect":
                things = self._things(tree, shapes.EXPECT)
                is_possible = can_be_together(things, self._problems)
                return Expect(tree.place, things) if things and is_possible else None
            case "closed":
                reason = self._reason(tree)
                return CloseHotline(tree.place, reason) if reason else None
            case "outside":
                act = self._words.word(tree, LineAct, "what the other side does")
                return None if act is None else OutsideHangsUp(tree.place)
            case _:
                return self._expert(tree)

    def _hear(self, tree: Tree) -> Hear | None:
        place, language = tree.place, None
        if isinstance(tree, Table):
            fields = self._read.fields(tree, shapes.HEAR)
            prompt = None if fields is None else fields.value("prompt")
            named = None if fields is None else fields.value("language")
            if prompt is None:
                return None
            language = None if named is None else self._words.language(named)
            tree = prompt
        items = self._read.one_or_more(tree, "prompts")
        keys = [self._words.prompt(item) for item in items or ()]
        prompts = tuple(key for key in keys if key is not None)
        return Hear(place, prompts, language) if prompts and len(prompts) == len(keys) else None

    def _press(self, tree: Tree) -> Press | None:
        keys = self._read.text(tree, "what is pressed")
        if keys is None:
            return None
        if _KEYS.fullmatch(keys) is None:
            self._problems.error(
                Code.CHOICE_KEY_NOT_A_DIGIT,
                tree.place,
                f"{quoted(keys)} can not be pressed on a telephone.",
                'Write keys out of 0-9, * and # in quotes: "1" or "123#".',
            )
            return None
        return Press(tree.place, keys)

    def _expert(self, tree: Tree) -> ExpertDoes | None:
        table = self._read.table(tree, "`expert`", keys=('"1001"',))
        if table is None:
            return None
        if len(table.entries) != 1:
            self._problems.error(
                Code.WRONG_TYPE,
                table.place,
                "One step is what one expert does.",
                'Write one expert: expert: {"1001": hangs up}.',
            )
            return None
        (entry,) = table.entries
        agent = self._words.agent(entry.key)
        act = self._words.word(entry.value, Act, "what an expert does")
        return None if agent is None or act is None else ExpertDoes(table.place, agent, act)

    def _outcome(self, fields: Fields) -> tuple[Expectation, ...]:
        tree = fields.value("outcome")
        if tree is None:
            return ()
        outcome = self._words.word(tree, Outcome, "an outcome")
        return () if outcome is None else (Expectation(tree.place, "outcome", outcome.value),)

    def _work_order(self, fields: Fields) -> tuple[Expectation, ...]:
        return self._ending(fields, shapes.WORK_ORDER)

    def _record(self, fields: Fields) -> tuple[Expectation, ...]:
        return self._ending(fields, shapes.RECORD)

    def _ending(self, fields: Fields, shape: Shape) -> tuple[Expectation, ...]:
        tree = fields.value(shape.what)
        things = () if tree is None else self._things(tree, shape)
        return tuple(
            Expectation(each.place, f"{shape.what} {each.what}", each.value) for each in things
        )

    def _things(self, tree: Tree, shape: Shape) -> tuple[Expectation, ...]:
        fields = self._read.fields(tree, shape)
        if fields is None:
            return ()
        things: list[Expectation] = []
        for key, entry in fields.entries.items():
            of_order = shape is shapes.WORK_ORDER and key == "skill"
            value = self._words.skill(entry.value) if of_order else self._values[key](entry.value)
            if value is not None:
                things.append(Expectation(entry.key.place, key, value))
        return tuple(things)

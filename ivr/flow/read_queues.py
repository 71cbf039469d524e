"""Reads queues.yaml: queues with their steps, the bounds of waiting, and what is heard there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ivr.flow.durations import duration_text
from ivr.flow.problems import Code, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.queue_shapes import (
    ANNOUNCE,
    EVERY_MS_DEFAULT,
    EVERY_MS_MAX,
    EVERY_MS_MIN,
    HOLD,
    LIMITS,
    MISSES_DEFAULT,
    MISSES_MAX,
    MUSIC_DEFAULT,
    MUSICS,
    PER_AGENT,
    POSITION_DEFAULT,
    QUEUE_ENTRY,
    QUEUES,
    RING_MS_DEFAULT,
    RING_MS_MAX,
    RING_MS_MIN,
    SERVICE_LEVEL,
    SERVICE_LEVEL_MS_MAX,
    SERVICE_LEVEL_MS_MIN,
    SHARE,
    STEP,
    STEP_MS_MIN,
    STEPS_MAX,
    WAIT_MS_DEFAULT,
    WAIT_MS_MAX,
    WAIT_MS_MIN,
    WAITING_MAX,
)
from ivr.flow.read_queue_routing import read_expected_wait, read_queue_routing, read_wrap_up
from ivr.flow.read_requirement import read_requirement
from ivr.flow.requirement import asks_more, requirement_text
from ivr.flow.shape import Fields, Reader, Shape
from ivr.flow.site import Announce, Hold, QueueEntry, QueueStep, ServiceLevel, WaitingLimit
from ivr.flow.yaml_tree import Listing, Scalar, Tree

_PER_AGENT = re.compile(PER_AGENT)
_NUMBER_FIRST = re.compile(r"[0-9]{1,4}\b")
_SHARE = re.compile(SHARE)


@dataclass(frozen=True, slots=True)
class QueuesDraft:
    """The queues of one file: each name with its place, and those queues that read well.

    ``announcing`` has the place of ``announce`` where a queue has one, ``sharing`` those of each
    ``share``.
    """

    places: Mapping[str, Place]
    queues: Mapping[str, QueueEntry]
    announcing: Mapping[str, Place]
    sharing: Sequence[Place] = ()


@dataclass(frozen=True, slots=True)
class _Bounds:
    wait_ms: int
    waiting: WaitingLimit | None
    expected_ms: int | None


class QueuesReader:
    """Reads one queues.yaml; ``skills`` is None when the site's list could not be read."""

    def __init__(self, folder: str, skills: tuple[str, ...] | None, problems: Problems) -> None:
        self._folder = folder
        self._skills = skills
        self._problems = problems
        self._read = Reader(problems)
        self._announcing: dict[str, Place] = {}
        self._sharing: list[Place] = []

    def read(self, tree: Tree) -> QueuesDraft | None:
        """The queues by qualified name, or None when not even their names can be read."""
        fields = self._read.fields(tree, QUEUES)
        written = None if fields is None else fields.value("queues")
        table = None if written is None else self._read.table(written, "queues", keys=("general",))
        if table is None:
            return None
        places: dict[str, Place] = {}
        queues: dict[str, QueueEntry] = {}
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of a queue")
            if name is None:
                continue
            full = f"{self._folder}/{name}"
            places[full] = entry.key.place
            queue = self._queue(full, entry.value)
            if queue is not None:
                queues[full] = queue
        return QueuesDraft(places, queues, self._announcing, self._sharing)

    def _queue(self, name: str, tree: Tree) -> QueueEntry | None:
        fields = self._read.fields(tree, QUEUE_ENTRY)
        if fields is None:
            return None
        steps = self._steps(fields)
        ring_ms = self._ms(fields, "ring", RING_MS_DEFAULT, (RING_MS_MIN, RING_MS_MAX))
        wrap_up = read_wrap_up(self._read, fields)
        routing = read_queue_routing(self._read, fields)
        if fields.value("share") is not None:
            self._sharing.append(fields.place_of("share"))
        misses = self._misses(fields)
        bounds = self._limits(fields)
        hold = self._hold(name, fields)
        self._read.not_acted_upon_yet(fields, "service_level", called="service_level")
        written = fields.value("service_level")
        goal = None if written is None else self._service_level(written)
        if steps is None or ring_ms is None or wrap_up is None or misses is None:
            return None
        if bounds is None or hold is None or (written is not None and goal is None):
            return None
        if routing is None:
            return None
        self._check_steps_reached(fields, steps, bounds.wait_ms)
        self._check_steps_relax(fields, steps)
        return QueueEntry(
            name,
            steps,
            ring_ms_max=ring_ms,
            wait_ms_max=bounds.wait_ms,
            wrap_up_ms=wrap_up.time_ms,
            misses_max=misses,
            hold=hold,
            waiting=bounds.waiting,
            service_level=goal,
            channel=routing.channel,
            agents=routing.agents,
            contact_class=routing.contact_class,
            share=routing.share,
            expected_wait_ms_max=bounds.expected_ms,
            wrap_up_ms_max=wrap_up.max_ms,
        )

    def _part(self, fields: Fields, key: str, shape: Shape) -> Fields | None:
        """The mapping under an optional key; one without entries where the key is absent."""
        written = fields.value(key)
        if written is None:
            return Fields(fields.place, {})
        return self._read.fields(written, shape)

    def _misses(self, fields: Fields) -> int | None:
        written = fields.value("misses")
        if written is None:
            return MISSES_DEFAULT
        return self._read.whole(written, "the value of misses", low=1, high=MISSES_MAX)

    def _limits(self, fields: Fields) -> "_Bounds | None":
        limits = self._part(fields, "limits", LIMITS)
        if limits is None:
            return None
        wait_ms = self._ms(limits, "wait", WAIT_MS_DEFAULT, (WAIT_MS_MIN, WAIT_MS_MAX))
        written = limits.value("waiting")
        waiting = None if written is None else self._waiting(written)
        is_good, expected_ms = read_expected_wait(self._read, limits, wait_ms)
        if wait_ms is None or (written is not None and waiting is None) or not is_good:
            return None
        return _Bounds(wait_ms, waiting, expected_ms)

    def _waiting(self, tree: Tree) -> WaitingLimit | None:
        what = "the value of waiting"
        scalar = self._read.scalar(tree, what)
        if scalar is None:
            return None
        per_agent = _PER_AGENT.fullmatch(scalar.text)
        if per_agent is not None:
            each = Scalar(per_agent.group(1), True, scalar.place)
            count = self._read.whole(each, what, low=1, high=WAITING_MAX)
            return None if count is None else WaitingLimit(per_agent=count)
        if scalar.plain and scalar.text.isdigit():
            count = self._read.whole(scalar, what, low=1, high=WAITING_MAX)
            return None if count is None else WaitingLimit(absolute=count)
        begun = _NUMBER_FIRST.match(scalar.text)
        meant = f"{begun.group() if begun else 2} per signed-in agent"
        self._problems.error(
            Code.BAD_WAITING_LIMIT,
            scalar.place,
            f"The value of waiting is {quoted(scalar.text)}, which is no number of callers.",
            did_you_mean(
                scalar.text, (meant,), otherwise=f"Write a number such as 20, or {quoted(meant)}."
            ),
        )
        return None

    def _hold(self, name: str, fields: Fields) -> Hold | None:
        hold = self._part(fields, "hold", HOLD)
        if hold is None:
            return None
        written = hold.value("music")
        music = MUSIC_DEFAULT if written is None else self._music(written)
        said = hold.value("announce")
        announce = None
        if said is not None:
            self._announcing[name] = hold.place_of("announce")
            announce = self._announce(said)
        if music is None or (said is not None and announce is None):
            return None
        return Hold(music, announce)

    def _music(self, tree: Tree) -> str | None:
        name = self._read.name(tree, "the name of a music")
        if name is None or name in MUSICS:
            return name
        self._problems.error(
            Code.UNKNOWN_MUSIC,
            tree.place,
            f"There is no music {quoted(name)}.",
            did_you_mean(name, MUSICS, otherwise=f"There is: {listing(MUSICS)}."),
        )
        return None

    def _announce(self, tree: Tree) -> Announce | None:
        fields = self._read.fields(tree, ANNOUNCE)
        if fields is None:
            return None
        every_ms = self._ms(fields, "every", EVERY_MS_DEFAULT, (EVERY_MS_MIN, EVERY_MS_MAX))
        position = self._flag(fields, "position", POSITION_DEFAULT)
        expected_wait = self._flag(fields, "expected_wait", False)
        if position is False and expected_wait is False:
            self._problems.warn(
                Code.ANNOUNCES_NOTHING,
                fields.place_of("position"),
                "Nothing is said to who waits: neither the position nor the expected wait.",
                "Leave `announce` out, or write `position: true`.",
            )
        if position is None or expected_wait is None or every_ms is None:
            return None
        return Announce(position, every_ms, expected_wait)

    def _flag(self, fields: Fields, key: str, default: bool) -> bool | None:
        written = fields.value(key)
        return default if written is None else self._read.flag(written, f"the value of {key}")

    def _service_level(self, tree: Tree) -> ServiceLevel | None:
        goal = self._read.fields(tree, SERVICE_LEVEL)
        answered = None if goal is None else goal.value("answered")
        within = None if goal is None else goal.value("within")
        percent = None if answered is None else self._share(answered)
        within_ms = None
        if within is not None:
            within_ms = self._read.duration(
                within,
                "the value of within",
                low_ms=SERVICE_LEVEL_MS_MIN,
                high_ms=SERVICE_LEVEL_MS_MAX,
            )
        return None if percent is None or within_ms is None else ServiceLevel(percent, within_ms)

    def _share(self, tree: Tree) -> int | None:
        scalar = self._read.scalar(tree, "the value of answered")
        if scalar is None:
            return None
        found = _SHARE.fullmatch(scalar.text)
        if found is not None and 1 <= int(found.group(1)) <= 100:
            return int(found.group(1))
        self._problems.error(
            Code.BAD_SHARE,
            scalar.place,
            f"The value of answered is {quoted(scalar.text)}, which is no share of all callers.",
            "Write a percentage from 1% to 100%, such as 80%.",
        )
        return None

    def _ms(
        self, fields: Fields, key: str, default_ms: int, bounds_ms: tuple[int, int]
    ) -> int | None:
        written = fields.value(key)
        if written is None:
            return default_ms
        low_ms, high_ms = bounds_ms
        return self._read.duration(written, f"the value of {key}", low_ms=low_ms, high_ms=high_ms)

    def _steps(self, fields: Fields) -> tuple[QueueStep, ...] | None:
        written = fields.value("steps")
        items = None if written is None else self._read.items(written, "steps")
        if written is None or items is None:
            return None
        if not 1 <= len(items) <= STEPS_MAX:
            self._problems.error(
                Code.OUT_OF_RANGE,
                written.place,
                f"This queue has {len(items)} steps; there can be 1 to {STEPS_MAX}.",
                'Begin with one: `- {require: "general"}`.',
            )
            return None
        steps = [
            self._step(item, is_last=number == len(items)) for number, item in enumerate(items, 1)
        ]
        good = tuple(step for step in steps if step is not None)
        return good if len(good) == len(steps) else None

    def _step(self, tree: Tree, *, is_last: bool) -> QueueStep | None:
        fields = self._read.fields(tree, STEP)
        required = None if fields is None else fields.value("require")
        if fields is None:
            return None
        requirement = (
            None if required is None else read_requirement(self._read, self._skills, required)
        )
        timed = fields.value("for")
        for_ms = None
        if timed is not None:
            for_ms = self._read.duration(
                timed, "the value of for", low_ms=STEP_MS_MIN, high_ms=WAIT_MS_MAX
            )
        if is_last and timed is not None:
            self._problems.error(
                Code.LAST_STEP_TIMED,
                fields.place_of("for"),
                "The last step of a queue has no end, yet this one says `for`.",
                "Remove `for`, or add a step for the time after it.",
            )
        if not is_last and timed is None and "for" not in fields.meant:
            self._problems.error(
                Code.MISSING_KEY,
                fields.place,
                'The key "for" is missing in a step that others follow.',
                "Add `for:`, how long the step lasts, such as 20s.",
            )
        return None if requirement is None else QueueStep(requirement, for_ms)

    def _check_steps_reached(
        self, fields: Fields, steps: tuple[QueueStep, ...], wait_ms: int
    ) -> None:
        """A step begins when those before it are over, unless the wait ends first."""
        written = fields.value("steps")
        items = written.items if isinstance(written, Listing) else ()
        begins_ms = 0
        for step, item in zip(steps, items, strict=True):
            if begins_ms >= wait_ms:
                self._problems.error(
                    Code.STEP_UNREACHABLE,
                    item.place,
                    f"No caller comes to this step: it begins after {duration_text(begins_ms)}, "
                    f"and nobody waits longer than {duration_text(wait_ms)}.",
                    "Shorten the steps before it, or raise `wait` under `limits:`.",
                )
                return
            begins_ms += step.for_ms or 0

    def _check_steps_relax(self, fields: Fields, steps: tuple[QueueStep, ...]) -> None:
        """Who waits longer is to have more agents to wait for, or others, and never just fewer."""
        written = fields.value("steps")
        items = written.items if isinstance(written, Listing) else ()
        for (before, step), item in zip(pairwise(steps), items[1:], strict=True):
            if asks_more(step.requirement, before.requirement):
                self._problems.warn(
                    Code.STEP_ASKS_MORE,
                    item.place,
                    f"This step asks for {quoted(requirement_text(step.requirement))}, more than "
                    f"the one before it ({quoted(requirement_text(before.requirement))}): who "
                    "waits longer has fewer agents to wait for.",
                    "Put the step that asks for more first, or ask for less here.",
                )

"""Reads queues.yaml: queues with their steps and the bounds of waiting."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.problems import Code, Place, Problems, quoted
from ivr.flow.read_site import report_unknown_skill
from ivr.flow.requirement import (
    ParsedRequirement,
    RequirementMistake,
    SkillRequirement,
    parse_requirement,
)
from ivr.flow.shape import Fields, Key, Reader, Shape
from ivr.flow.site import QueueEntry, QueueStep
from ivr.flow.yaml_tree import Scalar, Tree

STEPS_MAX = 20
RING_MS_DEFAULT, RING_MS_MIN, RING_MS_MAX = 15_000, 1_000, 120_000
WAIT_MS_DEFAULT, WAIT_MS_MIN, WAIT_MS_MAX = 600_000, 1_000, 4 * 3_600_000
WRAP_UP_MS_DEFAULT, WRAP_UP_MS_MAX = 10_000, 3_600_000
STEP_MS_MIN = 1_000

QUEUES = Shape("queues.yaml", (Key("queues", "the queues by name", required=True),))
QUEUE_ENTRY = Shape(
    "a queue",
    (
        Key("steps", "a list of {require, for}, what is asked of an agent as time goes on", True),
        Key("ring", "how long an agent's device rings; 15s if left out"),
        Key("limits", "the bounds of waiting"),
        Key("wrap_up", "an agent's time after each contact; 10s if left out"),
    ),
)
STEP = Shape(
    "a step",
    (
        Key("require", 'skills with levels, such as "data >= 3"', required=True),
        Key("for", "how long the step lasts; the last one has no end"),
    ),
)
LIMITS = Shape("limits", (Key("wait", "the longest a caller waits; 10m if left out"),))


@dataclass(frozen=True, slots=True)
class QueuesDraft:
    """The queues of one file: all their names, and those that read well."""

    names: tuple[str, ...]
    queues: Mapping[str, QueueEntry]


class QueuesReader:
    """Reads one queues.yaml; ``skills`` is None when the site's list could not be read."""

    def __init__(self, folder: str, skills: tuple[str, ...] | None, problems: Problems) -> None:
        self._folder = folder
        self._skills = skills
        self._problems = problems
        self._read = Reader(problems)

    def read(self, tree: Tree) -> QueuesDraft | None:
        """The queues by qualified name, or None when not even their names can be read."""
        fields = self._read.fields(tree, QUEUES)
        written = None if fields is None else fields.value("queues")
        table = None if written is None else self._read.table(written, "queues", keys=("general",))
        if table is None:
            return None
        names: list[str] = []
        queues: dict[str, QueueEntry] = {}
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of a queue")
            if name is None:
                continue
            full = f"{self._folder}/{name}"
            names.append(full)
            queue = self._queue(full, entry.value)
            if queue is not None:
                queues[full] = queue
        return QueuesDraft(tuple(names), queues)

    def _queue(self, name: str, tree: Tree) -> QueueEntry | None:
        fields = self._read.fields(tree, QUEUE_ENTRY)
        if fields is None:
            return None
        steps = self._steps(fields)
        ring_ms = self._ms(fields, "ring", RING_MS_DEFAULT, (RING_MS_MIN, RING_MS_MAX))
        wrap_up_ms = self._ms(fields, "wrap_up", WRAP_UP_MS_DEFAULT, (0, WRAP_UP_MS_MAX))
        bounds = fields.value("limits")
        limits = Fields(fields.place, {}) if bounds is None else self._read.fields(bounds, LIMITS)
        if limits is None:
            return None
        wait_ms = self._ms(limits, "wait", WAIT_MS_DEFAULT, (WAIT_MS_MIN, WAIT_MS_MAX))
        if steps is None or ring_ms is None or wrap_up_ms is None or wait_ms is None:
            return None
        return QueueEntry(name, steps, ring_ms, wait_ms, wrap_up_ms)

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
        requirement = None if required is None else self._requirement(required)
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

    def _requirement(self, tree: Tree) -> SkillRequirement | None:
        scalar = self._read.scalar(tree, "the requirement")
        if scalar is None:
            return None
        parsed = parse_requirement(scalar.text)
        if isinstance(parsed, RequirementMistake):
            self._problems.error(
                Code.BAD_REQUIREMENT,
                _within(scalar, parsed.offset),
                f"The requirement {quoted(scalar.text)} can not be read: {parsed.message}.",
                'Write skills and levels as in "data >= 3 and (general or group)".',
            )
            return None
        self._check_skills(scalar, parsed)
        return parsed.requirement

    def _check_skills(self, scalar: Scalar, parsed: ParsedRequirement) -> None:
        for mention in parsed.mentions:
            if self._skills is not None and mention.skill not in self._skills:
                place = _within(scalar, mention.offset)
                report_unknown_skill(
                    Scalar(mention.skill, True, place), self._skills, self._problems
                )


def _within(scalar: Scalar, offset: int) -> Place:
    """The place of a character of a scalar; exact where it stands on one line unescaped."""
    place = scalar.place
    return Place(place.file, place.line, place.column + offset + (0 if scalar.plain else 1))

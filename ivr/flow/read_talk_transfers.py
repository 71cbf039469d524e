"""Reads ``transfers`` of site.yaml: what agents press in a talk, and to whom they may transfer.

Whether the queues that targets name exist is seen later, once all queues are known
(``ivr.flow.desk_transfers``). A target that asks for an expert or an agent becomes a queue of one
step there, as it does for a ``transfer`` node.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ivr.flow.durations import duration_text
from ivr.flow.keys import Duration, Flag, Form, Inner, Key, Name, Named, Shape, Text
from ivr.flow.problems import Code, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.queue_shapes import WAIT_MS_MAX, WAIT_MS_MIN
from ivr.flow.read_requirement import read_requirement
from ivr.flow.requirement import SkillRequirement
from ivr.flow.shape import NAME_PATTERN, Fields, Reader
from ivr.flow.site import SHARED, TalkKeys
from ivr.flow.transfers import AGENT_WAIT_MS
from ivr.flow.yaml_tree import Entry, Scalar, Tree

TARGET_WAIT_MS_DEFAULT = 60_000
"""How long a caller is kept for an expert, where the author says nothing."""
TARGETS_MAX = 1_000
"""More numbers than these nobody dials by heart."""

_USUAL = TalkKeys()
_KEYS = re.compile(r"\*[0-9]{1,3}")
_KEYS_FORM = Form(_KEYS.pattern, "a star and 1 to 3 digits")
_KEYS_REMEDY = 'Write a star and 1 to 3 digits in quotes, such as "*2".'
_NUMBER = re.compile(r"[0-9]{1,6}")
_QUEUE = re.compile(f"{NAME_PATTERN}/{NAME_PATTERN}")
_WAYS = ("queue", "expert", "agent")

TALK_TARGET = Shape(
    "a target",
    (
        Key(
            "queue",
            "a queue with its folder, such as 10086/data",
            value=Form(_QUEUE.pattern, "a queue with its folder"),
        ),
        Key("expert", "what the expert must have, such as data >= 3", value=Text()),
        Key("agent", "the one agent who is meant", value=Name()),
        Key(
            "wait",
            "how long the caller waits for an expert; 60s if left out; not with queue or agent",
            value=Duration(WAIT_MS_MIN, WAIT_MS_MAX),
            default=duration_text(TARGET_WAIT_MS_DEFAULT),
        ),
    ),
)
TALK_TRANSFERS = Shape(
    "transfers",
    (
        Key(
            "consult",
            "what an agent presses in a talk to ask somebody else first, before the number of a "
            "target and #; *2 if left out",
            value=_KEYS_FORM,
            default=_USUAL.consult,
        ),
        Key(
            "blind",
            "what she presses to pass the caller on at once, before the number and #; *3 if left "
            "out",
            value=_KEYS_FORM,
            default=_USUAL.blind,
        ),
        Key(
            "complete",
            "what puts the caller and the one who was asked together; *4 if left out",
            value=_KEYS_FORM,
            default=_USUAL.complete,
        ),
        Key(
            "cancel",
            "what goes back to the caller; *1 if left out",
            value=_KEYS_FORM,
            default=_USUAL.cancel,
        ),
        Key(
            "targets",
            "to whom agents may transfer, by the number they dial for it",
            value=Named(Inner(TALK_TARGET), key=Form(_NUMBER.pattern, "1 to 6 digits")),
        ),
        Key(
            "agents",
            "whether each agent is a target too, by her name; false if left out",
            value=Flag(),
            default=False,
        ),
    ),
)
TRANSFERS_OF_SITE = Key(
    "transfers",
    "what agents press in a talk to transfer a caller, and to whom",
    value=Inner(TALK_TRANSFERS),
)


@dataclass(frozen=True, slots=True)
class DeskTarget:
    """A target as it was read: the queue or agent it names, or what it asks of an expert."""

    place: Place
    queue: str | None = None
    agent: str | None = None
    requirement: SkillRequirement | None = None
    wait_ms: int = TARGET_WAIT_MS_DEFAULT


@dataclass(frozen=True, slots=True)
class DeskDraft:
    """``transfers`` as far as site.yaml alone tells it; ``place`` is where it stands."""

    place: Place
    keys: TalkKeys = field(default_factory=TalkKeys)
    targets: Mapping[str, DeskTarget] = field(default_factory=dict[str, DeskTarget])
    agents_are_targets: bool = False


@dataclass(frozen=True, slots=True)
class DeskNames:
    """What ``transfers`` may refer to; None where that part of site.yaml could not be read."""

    skills: tuple[str, ...] | None
    agents: tuple[str, ...] | None
    codes: Mapping[str, str]
    """The feature codes in use, by what they do."""


class TalkTransfersReader:
    """Reads ``transfers`` of site.yaml."""

    def __init__(self, problems: Problems, names: DeskNames) -> None:
        self._problems = problems
        self._read = Reader(problems)
        self._names = names

    def read(self, site: Fields) -> DeskDraft | None:
        """What the author wrote, without what is wrong; None where she wrote none."""
        written = site.value("transfers")
        fields = None if written is None else self._read.fields(written, TALK_TRANSFERS)
        if fields is None:
            return None
        agents = fields.value("agents")
        by_name = agents is not None and bool(self._read.flag(agents, "the value of agents"))
        place = site.place_of("transfers")
        return DeskDraft(place, self._keys(fields), self._targets(fields, by_name=by_name), by_name)

    def _keys(self, fields: Fields) -> TalkKeys:
        usual: dict[str, str] = asdict(_USUAL)
        written = {
            name: self._pressed(value)
            for name in usual
            if (value := fields.value(name)) is not None
        }
        chosen = {name: keys for name, keys in written.items() if keys is not None}
        # What was written wrongly is unknown, not its default: it is in nobody's way.
        kept = {name: usual[name] for name in usual if name not in (*written, *fields.meant)}
        self._check_apart(fields, chosen, {**chosen, **kept})
        return TalkKeys(**(usual | chosen))

    def _pressed(self, tree: Tree) -> str | None:
        scalar = self._read.scalar(tree, "what is pressed")
        if scalar is None or _KEYS.fullmatch(scalar.text) is not None:
            return None if scalar is None else scalar.text
        self._problems.error(
            Code.BAD_TALK_KEYS,
            scalar.place,
            f"{quoted(scalar.text)} can not be pressed in a talk for a transfer.",
            _KEYS_REMEDY,
        )
        return None

    def _check_apart(
        self, fields: Fields, chosen: Mapping[str, str], every: Mapping[str, str]
    ) -> None:
        """Whoever presses the longer of two has pressed the shorter one on the way.

        A feature code is dialled on a phone at rest, so that one of these may begin like it; yet
        nobody could learn that the very same keys mean two things.
        """
        told: set[str] = set()
        for name, keys in chosen.items():
            others = [
                f"{quoted(its)} for {other}"
                for other, its in every.items()
                if other not in (name, *told) and (keys.startswith(its) or its.startswith(keys))
            ]
            codes = self._names.codes.items()
            others += [f"the feature code for {code}" for code, its in codes if its == keys]
            told.add(name)
            if others:
                self._problems.error(
                    Code.TALK_KEYS_CLASH,
                    fields.place_of(name),
                    f"The keys {quoted(keys)} for {name} can not be told from {listing(others)}.",
                    "Choose keys of which none is the beginning of another, and no feature code.",
                )

    def _targets(self, fields: Fields, *, by_name: bool) -> Mapping[str, DeskTarget]:
        written = fields.value("targets")
        table = None if written is None else self._read.table(written, "targets", keys=('"1"',))
        if table is None:
            return {}
        if len(table.entries) > TARGETS_MAX:
            self._problems.error(
                Code.OUT_OF_RANGE,
                table.place,
                f"There are {len(table.entries)} targets; there can be up to {TARGETS_MAX}.",
                "Leave out those that nobody dials.",
            )
            return {}
        targets: dict[str, DeskTarget] = {}
        for entry in table.entries:
            number = self._number(entry.key, by_name=by_name)
            target = self._target(entry)
            if number is not None and target is not None:
                targets[number] = target
        return targets

    def _number(self, key: Scalar, *, by_name: bool) -> str | None:
        if _NUMBER.fullmatch(key.text) is None:
            self._problems.error(
                Code.BAD_TARGET_NUMBER,
                key.place,
                f"{quoted(key.text)} can not be dialled for a target.",
                'Write 1 to 6 digits in quotes, such as "1".',
            )
            return None
        if by_name and key.text in (self._names.agents or ()):
            self._problems.error(
                Code.TARGET_IS_AN_AGENT,
                key.place,
                f"The target {quoted(key.text)} has the name of an agent, who is a target too.",
                "Choose another number, or leave `agents: true` out.",
            )
            return None
        return key.text

    def _target(self, entry: Entry) -> DeskTarget | None:
        fields = self._read.fields(entry.value, TALK_TARGET)
        if fields is None:
            return None
        ways = [each for each in _WAYS if fields.value(each) is not None]
        if len(ways) != 1 or (ways != ["expert"] and fields.value("wait") is not None):
            self._report_ways(fields, ways)
            return None
        asked = fields.value(ways[0])
        wait_ms = self._wait_ms(fields)
        if asked is None or wait_ms is None:
            return None
        if ways == ["queue"]:
            queue = self._queue_name(asked)
            return None if queue is None else DeskTarget(asked.place, queue)
        if ways == ["agent"]:
            agent = self._agent(asked)
            return None if agent is None else DeskTarget(asked.place, agent=agent)
        requirement = read_requirement(self._read, self._names.skills, asked)
        if requirement is None:
            return None
        return DeskTarget(asked.place, requirement=requirement, wait_ms=wait_ms)

    def _report_ways(self, fields: Fields, ways: list[str]) -> None:
        if not ways and fields.meant:
            return
        place = fields.place
        if len(ways) == 1:
            place = fields.place_of("wait")
            sentence = f"How long callers wait for this {ways[0]} is not said here."
            remedy = (
                "Remove `wait`; write `limits` in queues.yaml."
                if ways == ["queue"]
                else f"Remove `wait`; it is {duration_text(AGENT_WAIT_MS)} for every agent."
            )
        elif ways:
            sentence = f"A target leads to one place, and this one has {listing(ways)}."
            remedy, place = "Make a target for each.", fields.place_of(ways[1])
        else:
            sentence = "This target does not say to whom it leads."
            remedy = (
                'Add one of: `queue: <folder>/<queue>`, `expert: "data >= 3"`, `agent: "1001"`.'
            )
        self._problems.error(Code.TRANSFER_TARGET, place, sentence, remedy)

    def _wait_ms(self, fields: Fields) -> int | None:
        written = fields.value("wait")
        if written is None:
            return TARGET_WAIT_MS_DEFAULT
        return self._read.duration(
            written, "the value of wait", low_ms=WAIT_MS_MIN, high_ms=WAIT_MS_MAX
        )

    def _queue_name(self, tree: Tree) -> str | None:
        name = self._read.text(tree, "the name of a queue")
        if name is None or _QUEUE.fullmatch(name) is not None:
            return name
        self._problems.error(
            Code.BAD_NAME,
            tree.place,
            f"{quoted(name)} does not say in which folder the queue is.",
            f"Write the folder, a slash and the queue, such as {SHARED}/{name}."
            if re.fullmatch(NAME_PATTERN, name)
            else "Write the folder, a slash and the queue, such as 10086/data.",
        )
        return None

    def _agent(self, tree: Tree) -> str | None:
        name = self._read.name(tree, "the name of an agent")
        known = self._names.agents
        if name is None or known is None or name in known:
            return name
        if not self._problems.full(tree.place.file):
            self._problems.error(
                Code.UNKNOWN_AGENT,
                tree.place,
                f"There is no agent {quoted(name)}.",
                did_you_mean(name, known, otherwise="Add her to the agents of site.yaml."),
            )
        return None

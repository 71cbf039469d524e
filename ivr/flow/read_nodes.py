"""Reads the nodes of a flow, one method a kind, and notes where each leads.

A node is a mapping with exactly one key that says its kind (``play``, ``menu``, ...) beside the
keys that say where it leads. Names of prompts, queues and languages are checked on the way; where
nodes lead is checked when the whole flow is known (``ivr.flow.read_hotline``).
"""

from collections.abc import Callable, Mapping
from functools import partial

from ivr.flow.model import (
    LIKE_FULL,
    EnterQueue,
    HangUp,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    QueueExit,
)
from ivr.flow.node_parts import Draft, NodeParts, all_values
from ivr.flow.node_shapes import (
    HANGUP,
    MENU,
    NODE_KINDS,
    NOINPUT,
    NOMATCH,
    ON,
    PLAY,
    PRIORITY_MS_MAX,
    QUEUE,
    REASON_DEFAULT,
    WITHIN_MS_MAX,
    WITHIN_MS_MIN,
    WORK_ORDER,
)
from ivr.flow.problems import Code, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.read_ask import read_ask
from ivr.flow.read_branch import read_branch
from ivr.flow.read_collect import read_collect
from ivr.flow.read_goto import read_goto, read_return
from ivr.flow.read_hours import read_hours
from ivr.flow.read_lookup import read_lookup
from ivr.flow.read_message import read_message
from ivr.flow.read_names import KnownNames
from ivr.flow.read_prefer import read_prefer
from ivr.flow.read_queue_keys import read_queue_context, read_queue_keys
from ivr.flow.read_record import read_record
from ivr.flow.read_retry import read_after_ms, read_asking
from ivr.flow.read_say import read_say
from ivr.flow.read_set import read_set
from ivr.flow.read_subflow import read_subflow
from ivr.flow.read_transfer import read_transfer
from ivr.flow.routing import QueueChannel
from ivr.flow.shape import Fields, is_nothing
from ivr.flow.site import QueueEntry
from ivr.flow.telephone_keys import is_telephone_key
from ivr.flow.written import CallFlow, Goto, GotoFlow, Jump, Return
from ivr.flow.yaml_tree import Table, Tree

_ONE_KEY = 'A choice is one key in quotes: "0" to "9", "*" or "#".'


class NodeReader:
    """Reads node after node of one flow into a draft."""

    def __init__(self, known: KnownNames, problems: Problems, draft: Draft) -> None:
        self.parts = NodeParts(known, problems, draft)
        self._names = self.parts.names
        self._problems = problems
        self._read = self.parts.read
        self._draft = draft
        self._kinds: Mapping[str, Callable[[Fields, Tree], Node | Jump | None]] = {
            "play": self._play,
            "menu": self._menu,
            "set": partial(read_set, self.parts),
            "branch": partial(read_branch, self.parts),
            "say": partial(read_say, self.parts),
            "hours": partial(read_hours, self.parts),
            "collect": partial(read_collect, self.parts),
            "queue": self._queue,
            "transfer": partial(read_transfer, self.parts),
            "work_order": self._work_order,
            "lookup": partial(read_lookup, self.parts),
            "record": partial(read_record, self.parts),
            "message": partial(read_message, self.parts),
            "ask": partial(read_ask, self.parts),
            "subflow": partial(read_subflow, self.parts),
            "return": partial(read_return, self.parts),
            "goto": partial(read_goto, self.parts),
            "hangup": self._hangup,
        }

    def read(self, name: NodeName, place: Place, tree: Tree) -> None:
        """Take a node into the draft."""
        self.parts.node = name
        self._draft.places[name] = place
        table = self._read.table(tree, "a node", keys=tuple(NODE_KINDS))
        kind = None if table is None else self._kind(table, place)
        if table is None or kind is None:
            return
        fields = self._read.fields(table, NODE_KINDS[kind])
        inner = None if fields is None else fields.value(kind)
        if fields is None or inner is None:
            return
        node = self._kinds[kind](fields, inner)
        if isinstance(node, Goto | GotoFlow | CallFlow | Return):
            self._draft.jumps[name] = node
        elif node is not None:
            self._draft.nodes[name] = node

    def _kind(self, table: Table, place: Place) -> str | None:
        kinds = [entry.key for entry in table.entries if entry.key.text in NODE_KINDS]
        if len(kinds) == 1:
            return kinds[0].text
        if kinds:
            self._problems.error(
                Code.NODE_KIND_TWICE,
                kinds[1].place,
                f"A node is one step, but this one is both {kinds[0].text} and {kinds[1].text}.",
                "Make two nodes, and let the first lead to the second.",
            )
            return None
        first = table.entries[0].key if table.entries else None
        self._problems.error(
            Code.NODE_KIND_MISSING,
            place if first is None else first.place,
            f"The node {quoted(self.parts.node)} does not say what it does.",
            did_you_mean(
                "" if first is None else first.text,
                tuple(NODE_KINDS),
                otherwise=f"Add one of: {listing(NODE_KINDS)}.",
            ),
        )
        return None

    # The kinds of nodes.

    def _play(self, fields: Fields, inner: Tree) -> Node | None:
        following = self.parts.target(fields, "next")
        barge_in: bool | None = True
        if isinstance(inner, Table):
            said = self._read.fields(inner, PLAY)
            prompts = None if said is None else self.parts.prompts_of(said, "prompt")
            barge_in = None if said is None else self.parts.barge_in(said)
        else:
            prompts = self._names.prompt_keys(inner)
        if prompts is None or following is None or barge_in is None:
            return None
        return Play(prompts, following, barge_in)

    def _menu(self, _fields: Fields, inner: Tree) -> Node | None:
        asked = self._read.fields(inner, MENU)
        if asked is None:
            return None
        choices = self._choices(asked)
        asking = read_asking(self.parts, asked, noinput=NOINPUT, nomatch=NOMATCH)
        after_ms = read_after_ms(self.parts, asked)
        if choices is None or asking is None or after_ms is None:
            return None
        noinput, nomatch = asking.noinput, asking.nomatch
        return Menu(asking.prompts, choices, after_ms, noinput, nomatch, asking.barge_in)

    def _queue(self, fields: Fields, inner: Tree) -> Node | None:
        entered = self._read.fields(inner, QUEUE)
        written = None if entered is None else entered.value("name")
        name = None if written is None else self._names.queue_name(written)
        if written is not None and name is not None:
            self._check_voice(written, name)
        exits = self._exits(fields, name)
        if entered is None:
            return None
        keys = read_queue_keys(self.parts, entered)
        context = read_queue_context(self.parts, entered)
        queue = None if name is None else self._names.queue(name)
        is_good, prefer = read_prefer(self.parts, entered, queue)
        priority = entered.value("priority")
        priority_ms: int | None = 0
        if priority is not None:
            priority_ms = self._read.duration(
                priority, "the value of priority", low_ms=0, high_ms=PRIORITY_MS_MAX
            )
        if exits is None or name is None or priority_ms is None:
            return None
        if keys is None or context is None or not is_good:
            return None
        return EnterQueue(name, priority_ms, exits, keys, context, prefer=prefer)

    def _work_order(self, fields: Fields, inner: Tree) -> Node | None:
        following = self.parts.target(fields, "next")
        order = self._read.fields(inner, WORK_ORDER)
        if order is None:
            return None
        about, needed, within = (order.value(key) for key in WORK_ORDER.names())
        topic = None if about is None else self._read.name(about, "the topic of a work order")
        skill = None if needed is None else self._names.skill(needed)
        within_ms = None
        if within is not None:
            within_ms = self._read.duration(
                within, "the value of within", low_ms=WITHIN_MS_MIN, high_ms=WITHIN_MS_MAX
            )
        if following is None or topic is None or within_ms is None:
            return None
        if needed is not None and skill is None:
            return None
        return MakeWorkOrder(topic, skill, within_ms, following)

    def _hangup(self, _fields: Fields, inner: Tree) -> Node | None:
        if is_nothing(inner):
            return HangUp()
        last = self._read.fields(inner, HANGUP)
        if last is None:
            return None
        prompts = self.parts.prompts_of(last, "prompt", default=())
        written = last.value("reason")
        reason = REASON_DEFAULT if written is None else self._read.name(written, "the reason")
        return None if prompts is None or reason is None else HangUp(prompts, reason)

    # Their parts.

    def _choices(self, fields: Fields) -> Mapping[str, NodeName] | None:
        written = fields.value("choices")
        table = None if written is None else self._read.table(written, "choices", keys=('"1"',))
        if table is None:
            return None
        if not table.entries:
            self._problems.error(
                Code.EMPTY,
                table.place,
                "This menu has no choices.",
                'Add at least one, such as "1": the node that follows.',
            )
        choices: dict[str, NodeName | None] = {}
        for entry in table.entries:
            target = self.parts.node_name(entry.value, f"the choice {quoted(entry.key.text)}")
            is_key = is_telephone_key(self.parts, entry.key, remedy=_ONE_KEY)
            choices[entry.key.text] = target if is_key else None
        return all_values(choices) if choices else None

    def _exits(self, fields: Fields, queue: str | None) -> Mapping[QueueExit, NodeName] | None:
        written = fields.value("on")
        on = Fields(fields.place, {}) if written is None else self._read.fields(written, ON)
        if on is None:
            return None
        entry = None if queue is None else self._names.queue(queue)
        exits: dict[QueueExit, NodeName | None] = {}
        for each in QueueExit:
            if on.value(each.value) is not None:
                exits[each] = self.parts.target(on, each.value)
                if entry is not None:
                    self._warn_if_useless(on.place_of(each.value), entry, each)
            elif each not in LIKE_FULL and (
                each is not QueueExit.FULL or (entry is not None and entry.waiting is not None)
            ):
                exits[each] = None
                self._report_no_way_out(fields, on, each)
        return all_values(exits)

    def _report_no_way_out(self, fields: Fields, on: Fields, way: QueueExit) -> None:
        if way.value not in on.meant:
            self._problems.error(
                Code.QUEUE_EXIT_MISSING,
                fields.place_of("on"),
                f"This queue node does not say where a caller goes on {way.value}.",
                f"Add `{way.value}: <node>` under `on:`.",
            )

    def _check_voice(self, written: Tree, queue: str) -> None:
        entry = self._names.queue(queue)
        if entry is not None and entry.channel is not QueueChannel.VOICE:
            self._problems.error(
                Code.QUEUE_NOT_FOR_VOICE,
                written.place,
                f"The queue {quoted(queue)} is for chats, and who comes here calls.",
                "Lead callers to a queue of the channel voice.",
            )

    def _warn_if_useless(self, place: Place, entry: QueueEntry, way: QueueExit) -> None:
        if way is QueueExit.FULL and entry.waiting is None:
            why = f"The queue {quoted(entry.name)} is never full: it has no limit of waiting "
            why, add = f"{why}callers.", "Give the queue `limits: {waiting: 20}`"
        elif way is QueueExit.EXPECTED_WAIT and entry.expected_wait_ms_max is None:
            why = f"The queue {quoted(entry.name)} lets callers in however long they may wait."
            add = "Give the queue `limits: {expected_wait: 2m}`"
        elif way is QueueExit.OVERLOAD and not self._names.pool_bounded:
            why = "There is never an overload: any number of callers may wait in all queues."
            add = "Write `routing: {waiting: 500}` in site.yaml"
        else:
            return
        remedy = f"{add}, or remove this way out."
        self._problems.warn(Code.QUEUE_EXIT_USELESS, place, why, remedy)

"""Reads ``branch``: which way a caller goes by what is known of her."""

from ivr.flow.conditions import EXPRESSION_CHARS_MAX
from ivr.flow.keys import Form, Inner, Key, Name, NameOf, Several, Shape
from ivr.flow.model import Branch, Case, Node
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code
from ivr.flow.read_expressions import expression
from ivr.flow.shape import Fields
from ivr.flow.values import Kind
from ivr.flow.yaml_tree import Tree

CASES_MAX = 32
"""Ways of one branch; each is asked in turn, while a caller waits."""

CASE = Shape(
    "a way of a branch",
    (
        Key(
            "if",
            "the condition in CEL, such as tries > 2",
            required=True,
            value=Form(rf"[\s\S]{{1,{EXPRESSION_CHARS_MAX}}}", "a condition"),
        ),
        Key("then", "the node that follows if it holds", required=True, value=Name(NameOf.NODE)),
    ),
)
BRANCH = Shape(
    "branch",
    (
        Key(
            "when",
            "the ways, the first whose condition holds is gone",
            required=True,
            value=Several(Inner(CASE), low=1, high=CASES_MAX),
        ),
        Key("else", "the node that follows otherwise", required=True, value=Name(NameOf.NODE)),
    ),
)
BRANCH_NODE = Shape("a branch node", (Key("branch", "which way to go", value=Inner(BRANCH)),))


def read_branch(parts: NodeParts, _fields: Fields, inner: Tree) -> Node | None:
    """A ``branch`` node."""
    asked = parts.read.fields(inner, BRANCH)
    if asked is None:
        return None
    written = asked.value("when")
    items = None if written is None else parts.read.items(written, "when")
    if written is not None and items is not None and not 0 < len(items) <= CASES_MAX:
        parts.problems.error(
            Code.OUT_OF_RANGE,
            written.place,
            f"This branch has {len(items)} ways with a condition; it goes from 1 to {CASES_MAX}.",
            "Write `- {if: <condition>, then: <node>}` for each way, and split long branches.",
        )
        return None
    cases = [_case(parts, item) for item in items or ()]
    otherwise = parts.target(asked, "else")
    good = tuple(case for case in cases if case is not None)
    if otherwise is None or not good or len(good) != len(cases):
        return None
    return Branch(good, otherwise)


def _case(parts: NodeParts, tree: Tree) -> Case | None:
    fields = parts.read.fields(tree, CASE)
    if fields is None:
        return None
    written = fields.value("if")
    condition = (
        None if written is None else expression(parts, written, "a condition", wanted=Kind.BOOL)
    )
    then = parts.target(fields, "then")
    return None if condition is None or then is None else Case(condition, then)

"""Random expressions of authors: well-typed texts of the part of CEL that conditions take."""

from hypothesis import strategies as st

from ivr.flow.conditions import Names
from ivr.flow.values import INT_MAX, INT_MIN, Kind, Slot, Values, Variable

VARIABLES = (
    Variable("tries", Kind.INT, 0),
    Variable("due", Kind.INT, -1),
    Variable("brand", Kind.TEXT, "gold"),
    Variable("known", Kind.BOOL, False),
)
NAMES = Names(
    {each.name: Slot(each, index) for index, each in enumerate(VARIABLES)}, ("zh-CN", "en-US")
)
NESTED_MAX = 6

numbers = st.sampled_from([0, 1, -1, 2, 7, -7, 2**31, 2**40, INT_MAX, INT_MIN + 1]) | st.integers(
    INT_MIN + 1, INT_MAX
)
texts = st.text("ab" + "gold", max_size=5)
values: st.SearchStrategy[Values] = st.tuples(numbers, numbers, texts, st.booleans())

int_leaves = st.sampled_from(["tries", "due"]) | numbers.map(str)
text_leaves = st.just("brand") | texts.map('"{}"'.format) | texts.map("'{}'".format)


def _ints(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.builds("({} {} {})".format, inner, st.sampled_from("+-*/%"), inner)
    return joined | text_leaves.map("size({})".format) | st.just("brand.size()")


ints = st.recursive(int_leaves, _ints, max_leaves=NESTED_MAX)
comparing = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
bool_leaves = st.one_of(
    st.sampled_from(["known", "true", "false", 'language == "zh-CN"']),
    st.builds("{} {} {}".format, ints, comparing, ints),
    st.builds("{} {} {}".format, text_leaves, comparing, text_leaves),
    st.builds("{} in [{}, {}]".format, ints, ints, ints),
    st.builds("{} in [{}, {}]".format, text_leaves, text_leaves, text_leaves),
    st.builds(
        "{}.{}({})".format,
        text_leaves,
        st.sampled_from(["startsWith", "endsWith", "contains"]),
        text_leaves,
    ),
)


def _bools(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.builds("({}) {} ({})".format, inner, st.sampled_from(["&&", "||"]), inner)
    flat = st.builds("{} && {} || {}".format, bool_leaves, bool_leaves, bool_leaves)
    return joined | flat | inner.map("!({})".format)


bools = st.recursive(bool_leaves, _bools, max_leaves=NESTED_MAX)

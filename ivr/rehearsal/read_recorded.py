"""Reads what a caller test expects of messages that are left."""

from ivr.flow.model import Hotline, Record
from ivr.flow.problems import Problems
from ivr.flow.shape import Fields, Reader
from ivr.flow.yaml_tree import Listing, Tree
from ivr.rehearsal.caller_test import Expectation
from ivr.rehearsal.read_words import WordReader
from ivr.rehearsal.recordings import NONE, RECORDED


def read_recorded(
    fields: Fields, hotline: Hotline, words: WordReader, problems: Problems
) -> tuple[Expectation, ...]:
    """The topics of the messages that must have been left when the call is over."""
    tree = fields.value(RECORDED)
    if tree is None:
        return ()
    nodes = hotline.flow.nodes.values()
    known = (NONE, *dict.fromkeys(each.topic for each in nodes if isinstance(each, Record)))
    items: tuple[Tree, ...] = tree.items if isinstance(tree, Listing) else (tree,)
    topics = [Reader(problems).name(item, "the topic of a message") for item in items]
    for item, topic in zip(items, topics, strict=True):
        if topic is not None and topic not in known:
            words.unknown(item, topic, known, what="message that this hotline records")
    good = [topic for topic in topics if topic is not None and topic in known]
    if len(good) < len(items):
        return ()
    return (Expectation(tree.place, RECORDED, ", ".join(good) or NONE),)

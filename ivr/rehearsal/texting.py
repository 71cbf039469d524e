"""Texts and answers in a rehearsal: how they are told, and what came of a call."""

from collections.abc import Mapping

from ivr.call.effects import PushMessage
from ivr.call.record import ContactRecord
from ivr.flow.model import Hotline
from ivr.flow.texts import rendered
from ivr.rehearsal.transcript import TextSent, Transcript
from router.model import Millis

NONE = "none"

MESSAGES, ANSWERS = "messages", "answers"


def text_sent(pushed: PushMessage, hotline: Hotline, at: Millis) -> TextSent:
    """The line of a transcript that tells of this text."""
    template = hotline.texts[pushed.template]
    text = rendered(template, pushed.language, dict(pushed.values))
    return TextSent(at, pushed.template, pushed.language, text)


def last_message(transcript: Transcript) -> str:
    """The text that was sent last, by its name."""
    sent = [line.template for line in transcript.lines if isinstance(line, TextSent)]
    return sent[-1] if sent else NONE


def said_at_the_end(record: ContactRecord) -> Mapping[str, str]:
    """What a caller test can ask of a call that is over, as its author would write it."""
    answers = {answer_of(each.question): each.key for each in record.answers}
    return {MESSAGES: ", ".join(record.messages) or NONE, **answers}


def answer_of(question: str) -> str:
    """What an expectation of the answer to this question is about."""
    return f"{ANSWERS} {question}"

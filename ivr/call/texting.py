"""Texts to the caller: one intent for each, which names its template and the values for its gaps.

Neither the text nor the caller's number is in it, for intents are journalled; whoever sends it
finds both where they are kept.
"""

from dataclasses import replace

from ivr.call.contact import Contact, Turn
from ivr.call.effects import PushMessage
from ivr.flow.sending import SendText, TextHandled

MESSAGES_PER_CONTACT_MAX = 5
"""Texts that one contact may be sent: a flow that goes round must not fill a caller's phone. What
is beyond is counted among the faults of the flow."""


def send(contact: Contact, turn: Turn, action: SendText) -> TextHandled:
    """Have the text sent, unless nobody knows where to or it is one too many."""
    if not contact.caller_known:
        return TextHandled(has_number=False)
    if len(contact.texted) >= MESSAGES_PER_CONTACT_MAX:
        if contact.flow is not None:
            contact.flow = replace(contact.flow, faults=contact.flow.faults + 1)
        return TextHandled(has_number=True)
    contact.texted = (*contact.texted, action.template)
    turn.emit(
        PushMessage(
            message=f"{contact.id}.m{len(contact.texted)}",
            contact=contact.id,
            customer=contact.caller,
            site=contact.site,
            hotline=contact.hotline.name,
            template=action.template,
            language=action.language,
            values=action.values,
        )
    )
    return TextHandled(has_number=True)

"""The words for what became of an offer: answered or lost, the talk, and the wrap-up after it."""

from ivr.cli.explain_choices import Clock, Names, after_ringing, length
from ivr.cli.explain_context import About, is_consultation
from router.explain import Answered, Ended, OfferEnd, OfferLost, WrapUpChanged
from router.model import Origin

_ENDS = {
    OfferEnd.TIMED_OUT: "{} did not answer within {}",
    OfferEnd.CONTACT_LEFT: "The contact left while {} was rung, after {}",
    OfferEnd.AGENT_GONE: "{} went away after {} of ringing",
    OfferEnd.QUEUE_RETIRED: "The queue left the site while {} was rung, after {}",
    OfferEnd.UNREACHABLE: "The phone of {} could not be reached; that was known after {}",
    OfferEnd.FAILED: "Ringing {} failed after {}",
    OfferEnd.DROPPED: "The phone of {} answered and was gone again, after {}",
}

_WAYS = {
    Origin.PHONE: "by her phone",
    Origin.COMMAND: "by a command",
    Origin.ROUTER: "by the router",
    Origin.SITE: "as the site changed",
}


def answered(told: Answered, names: Names, about: About) -> str:
    """She took it, and how long that took."""
    rang = after_ringing(told.rang_ms)
    waited = f"{length(told.waited_ms)} after the contact came into the queue"
    if about.moved_after_ms is not None:
        waited += f", {length(about.moved_after_ms)} after it began to wait"
    return f"{names.full(told.agent)} answered {rang}, {waited}."


def ended(told: Ended, names: Names, clock: Clock, about: About) -> str:
    """The talk is over, and what she has to do after it."""
    who, talked = names.full(told.agent), length(told.talked_ms)
    why = " as no talk may last longer" if told.overdue else ""
    is_part = is_consultation(told.contact)
    what = f"The part of {who} in it" if is_part else f"The talk with {who}"
    said = f"{what} was over after {talked}{why}"
    if about.left_to is not None:
        said += f": she left the caller to {names.full(about.left_to)}"
    elif about.left_in is not None:
        said += f": she left the caller to wait for who was asked ({about.left_in})"
    if told.wrap_up_ends_at is None:
        return f"{said}."
    return f"{said}; she has till {clock(told.wrap_up_ends_at)} to wrap up."


def wrap_up_changed(told: WrapUpChanged, names: Names, clock: Clock) -> str:
    """The wrap-up was not left to time, and by which way that was asked."""
    whose, way = f"The wrap-up of {names.full(told.agent)}", _WAYS[told.origin]
    if told.ends_at is None:
        return f"{whose} was ended {way}, after {length(told.lasted_ms)}."
    return f"{whose} was made longer {way}: it lasts till {clock(told.ends_at)}."


def offer_lost(told: OfferLost, names: Names, clock: Clock) -> str:
    """The offer came to nothing, and what that means for her."""
    who = names.full(told.agent)
    if told.was_connected and told.end is not OfferEnd.DROPPED:
        said = f"The talk with {who} was lost after {length(told.lasted_ms)}"
    elif told.end is OfferEnd.DECLINED:
        said = f"{who} declined {after_ringing(told.lasted_ms)}"
    else:
        said = _ENDS[told.end].format(who, length(told.lasted_ms))
    if told.end not in (OfferEnd.CONTACT_LEFT, OfferEnd.QUEUE_RETIRED):
        said += "; the contact goes back to its old place"
    if told.misses is not None:
        # A queue may be content with fewer than she has from another one.
        said += f". That is miss {told.misses} of {max(told.misses, told.misses_max)}"
    if told.absent_until_at is not None:
        return f"{said}: she is taken for absent till {clock(told.absent_until_at)}."
    if told.rests_until_at is not None:
        said += f"; she gets no other offer till {clock(told.rests_until_at)}"
    return f"{said}."

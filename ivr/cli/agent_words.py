"""What `expertline agent` says: a sentence with its remedy for each answer, and what agents do."""

from dataclasses import dataclass
from typing import assert_never

from ivr.adapters.control.wire import AgentLine, PresenceLine, SiteLine
from ivr.flow.problems import did_you_mean, listing, quoted
from ivr.flow.transfer_names import is_transfer_queue
from router.agent_state import EngagementPhase
from router.model import Presence, PresenceAnswer, PresenceChange, WrapUpChange


@dataclass(frozen=True, slots=True)
class Wish:
    """A change as it stood on the command line."""

    change: PresenceChange | WrapUpChange
    device: str | None = None
    reason: str | None = None
    after_contact: bool = False


_DONE = {
    PresenceChange.SIGN_OUT: "signed out",
    PresenceChange.RESUME: "available again",
    WrapUpChange.END: "wrap-up is over",
    WrapUpChange.EXTEND: "wrap-up lasts longer",
}

_ALREADY = {
    PresenceChange.SIGN_IN: "is signed in there already",
    PresenceChange.SIGN_OUT: "is signed out already",
    PresenceChange.PAUSE: "is on break already",
    PresenceChange.RESUME: "is available already",
    WrapUpChange.END: "is in no wrap-up",
}

_AFTER = "pauses after this contact"


def is_as_wished(answer: PresenceAnswer, wish: Wish) -> bool:
    """Whether the agent now is what was asked for; signed out twice is signed out.

    So is a wrap-up ended of one who is in none.
    """
    signed_out = answer is PresenceAnswer.NOT_SIGNED_IN and wish.change is PresenceChange.SIGN_OUT
    over = answer is PresenceAnswer.NOT_IN_WRAP_UP and wish.change is WrapUpChange.END
    return signed_out or over or answer in (PresenceAnswer.DONE, PresenceAnswer.ALREADY)


def good_news(agent: str, line: PresenceLine, wish: Wish, site: SiteLine) -> str:
    """The sentence for an agent who is as wished."""
    later = wish.after_contact and line.presence is Presence.AVAILABLE
    if line.answer is not PresenceAnswer.DONE:
        already = f"{_AFTER} already" if later else _ALREADY.get(wish.change, "is so already")
        return f"{agent}: {already}; nothing changed."
    match wish.change:
        case PresenceChange.SIGN_IN:
            done = f"signed in at {wish.device or seat_of(agent, site)}"
        case PresenceChange.PAUSE:
            done = f"{_AFTER if later else 'on break'} ({wish.reason})"
        case PresenceChange.SIGN_OUT | PresenceChange.RESUME | WrapUpChange():
            done = _DONE[wish.change]
        case _:
            assert_never(wish.change)
    return f"{agent}: {done}."


def bad_news(agent: str, line: PresenceLine, wish: Wish, site: SiteLine) -> str:
    """Why it was refused, and what to do."""
    match line.answer:
        case PresenceAnswer.UNKNOWN_AGENT:
            return unknown_agent(agent, site)
        case PresenceAnswer.NOT_SIGNED_IN:
            return f"{agent} is not signed in: run `expertline agent sign-in {agent}` first"
        case PresenceAnswer.NO_DEVICE:
            return f"{agent} has no fixed seat: {_name_the_device(site)}"
        case PresenceAnswer.NOT_HER_SEAT:
            return (
                f"{agent} has her fixed seat at {seat_of(agent, site)}, not at {wish.device}: "
                "leave --device out, or take her `device` out of site.yaml"
            )
        case PresenceAnswer.SEAT_OF_ANOTHER:
            owners = [each.agent for each in site.agents if each.seat == wish.device]
            return f"{wish.device} is the fixed seat of {listing(owners)}: {_name_the_device(site)}"
        case PresenceAnswer.NOBODY_HERE:
            return f"nobody sits at {wish.device}: name the agent"
        case PresenceAnswer.NOT_IN_WRAP_UP:
            return f"{agent} is in no wrap-up: there is nothing to extend"
        case PresenceAnswer.WRAP_UP_AT_MOST:
            return (
                f"the wrap-up of {agent} lasts as long as its queue lets it: for more, raise "
                "`wrap_up: {time: .., max: ..}` of the queue"
            )
        case PresenceAnswer.DONE | PresenceAnswer.ALREADY:
            return f"{agent} is {line.presence}"
        case _:
            assert_never(line.answer)


def unknown_agent(agent: str, site: SiteLine) -> str:
    """The sentence for a name that is no agent's."""
    known = [each.agent for each in site.agents]
    otherwise = f"Its agents: {listing(known)}."
    return (
        f"the site has no agent {quoted(agent)}. {did_you_mean(agent, known, otherwise=otherwise)}"
    )


def unknown_device(device: str, site: SiteLine) -> str:
    """The sentence for a name that is no device's."""
    known = [each.device for each in site.devices]
    otherwise = f"Its devices: {listing(known)}."
    near = did_you_mean(device, known, otherwise=otherwise)
    return f"the site has no device {quoted(device)}. {near}"


def unknown_reason(reason: str, site: SiteLine) -> str:
    """The sentence for a name that is no pause reason's."""
    if not site.reasons:
        return (
            "the site has no pause reasons: name them in site.yaml, for instance pause_reasons: "
            '{"1": break}, and start the engine anew'
        )
    return f"the site has no pause reason {quoted(reason)}. Its reasons: {listing(site.reasons)}."


def unknown_queue(queue: str, site: SiteLine) -> str:
    """The sentence for a name that is no queue's."""
    known = [each for each in site.queues if not is_transfer_queue(each)]
    near = did_you_mean(queue, known, otherwise=f"Its queues: {listing(known)}.")
    return f"the site has no queue {quoted(queue)}. {near}"


def seat_of(agent: str, site: SiteLine) -> str | None:
    """The device of this agent's fixed seat."""
    return next((each.seat for each in site.agents if each.agent == agent), None)


def presence_words(line: AgentLine) -> str:
    """Her presence with its reason."""
    match line.presence:
        case Presence.SIGNED_OUT:
            return "signed out"
        case Presence.AVAILABLE if line.pausing_for is not None:
            return f"available, {_AFTER} ({line.pausing_for})"
        case Presence.AVAILABLE:
            return "available"
        case Presence.ON_BREAK if line.taken_for_absent:
            return "taken for absent"
        case Presence.ON_BREAK:
            return "on break" if line.reason is None else f"on break ({line.reason})"
        case _:
            assert_never(line.presence)


def doing_words(line: AgentLine) -> str | None:
    """What her hands hold; None of one who is not there for contacts and does nothing."""
    one = _engaged_words(line)
    return f"{one} ({line.chats} chats)" if line.chats > 1 else one


def _engaged_words(line: AgentLine) -> str | None:
    match line.engagement:
        case EngagementPhase.RESERVED:
            return f"rings for {line.contact}"
        case EngagementPhase.CONNECTED:
            return f"connected with {line.contact}"
        case EngagementPhase.WRAP_UP:
            return "wrap-up"
        case EngagementPhase.NONE if line.own_calls:
            return "own call"
        case EngagementPhase.NONE if line.phone_in_use:
            return "phone in use"
        case EngagementPhase.NONE:
            there = line.presence is Presence.AVAILABLE and line.reachable
            return "idle" if there else None
        case _:
            assert_never(line.engagement)


def _name_the_device(site: SiteLine) -> str:
    fixed = {each.seat for each in site.agents}
    shared = [each for each in site.devices if each.device not in fixed]
    free = [each.device for each in shared if each.sitting is None]
    if not shared:
        return (
            "every device of the site is somebody's fixed seat, so give her one in site.yaml, or "
            "add a device"
        )
    if not free:
        taken = listing(f"{each.device} ({each.sitting})" for each in shared)
        return f"name the device, --device; somebody sits at each, whom that signs out: {taken}"
    others = "" if len(free) == 1 else f" (or {listing(free[1:])})"
    return f"name the device, --device {free[0]}{others}"

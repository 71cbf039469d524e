"""How a contact ended, in a person's words: the same wherever it is told."""

from ivr.call.model import Outcome

_OUTCOMES = {
    Outcome.SERVED: "talked to an agent",
    Outcome.ABANDONED: "left before an agent answered",
    Outcome.LEFT_IN_FLOW: "left while hearing or being asked something",
    Outcome.TRANSFERRED: "was put through to a number outside",
    Outcome.WORK_ORDER: "met no agent, and was promised to be called back",
    Outcome.VOICE_MESSAGE: "met no agent, and left a message",
    Outcome.UNSERVED: "asked for an agent and met none",
    Outcome.FLOW_ENDED: "heard the flow to its end, and asked for no agent",
    Outcome.PLATFORM_FAILURE: "was lost by a fault of ours",
}

_AFTER_A_TALK = {
    Outcome.SERVED: "talked to {agent}",
    Outcome.ABANDONED: "talked to {agent}, and left before the next agent answered",
    Outcome.WORK_ORDER: "talked to {agent}, and was promised to be called back",
}

_REASONS = {
    "caller_hung_up": "the caller hung up",
    "agent_hung_up": "the agent hung up",
    "other_side_hung_up": "the other side hung up",
    "talk_time_over": "the longest talk was over",
    "not_answered": "the call could not be answered",
    "engine_stopped": "the engine was stopped",
    "engine_restarted": "the engine began anew",
    "transfer_failed": "nobody took the transferred call",
    "queues_endless": "one queue after another had sent the caller on",
}
"""The call core's own reasons; all others are a flow author's."""


def outcome_words(
    outcome: Outcome, reason: str, *, agent: str | None, transferred_to: str | None
) -> str:
    """What became of the caller, and why it ended then; ``agent`` is who talked to her last."""
    words = _OUTCOMES[outcome]
    if agent is not None and outcome in _AFTER_A_TALK:
        words = _AFTER_A_TALK[outcome].format(agent=agent)
    if transferred_to is not None:
        words = f"was put through to {transferred_to}"
    why = _REASONS.get(reason, f"the flow's reason: {reason}" if reason else "")
    return f"{words}; {why}" if why else words

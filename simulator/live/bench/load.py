"""What a bench asks of the hotline: how many call, how fast, and how the agents behave."""

from dataclasses import dataclass

CALLS_MAX = 200
"""Each caller has two sockets of ours and Asterisk's media ports are counted for as many calls."""

AGENTS_MAX = 100
FIRST_AGENT = 1001
FIRST_CALLER = 13_900_000_000
"""Numbers of callers are told apart by their last digits."""


@dataclass(frozen=True, slots=True)
class Load:
    """One run of the call suite; times in milliseconds."""

    calls: int = 200
    calls_per_second: int = 10
    agents: int = 40
    key_after_ms: int = 500
    "From the first sound the caller hears."
    answer_after_ms: int = 500
    "From the first ringing of an agent's phone to her picking up."
    talk_ms: int = 2_000
    "More than a second: an agent who hangs up sooner is taken for one who did not take the call."
    wrap_up_ms: int = 1_000

    def __post_init__(self) -> None:
        if not 1 <= self.calls <= CALLS_MAX or not 1 <= self.agents <= AGENTS_MAX:
            raise ValueError(f"a load has 1 to {CALLS_MAX} calls and 1 to {AGENTS_MAX} agents")
        if self.wrap_up_ms % 1000:
            raise ValueError("the YAML of a queue says its wrap-up in whole seconds")

    @property
    def agent_names(self) -> list[str]:
        """As in the bench's site."""
        return [str(FIRST_AGENT + index) for index in range(self.agents)]

    @property
    def callers(self) -> list[str]:
        """The number of each caller."""
        return [str(FIRST_CALLER + index) for index in range(self.calls)]


def device_of(agent: str) -> str:
    """The device at which an agent of the bench has her fixed seat."""
    return f"desk-{agent}"

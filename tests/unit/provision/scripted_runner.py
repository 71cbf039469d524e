"""A machine on paper: the runner that set-up's tests put in place of the real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ivr.provision.runner import CommandResult

Answer = CommandResult | Callable[[Sequence[str]], CommandResult]
DONE = CommandResult(0, "")


@dataclass
class ScriptedRunner:
    """Answers by the first words of a command, remembers all that was run."""

    programs: Mapping[str, str] = field(default_factory=dict[str, str])
    root: bool = True
    answers: Mapping[str, Answer] = field(default_factory=dict[str, Answer])
    ran: list[str] = field(default_factory=list[str])

    def find(self, program: str) -> str | None:
        """Path of a program this machine is said to have."""
        return self.programs.get(program)

    def is_root(self) -> bool:
        """Whether this machine is said to be run by root."""
        return self.root

    def run(self, argv: Sequence[str], *, keep_open: Sequence[int] = ()) -> CommandResult:
        """The scripted answer whose key occurs in the command; success without output else."""
        del keep_open
        command = " ".join(argv)
        self.ran.append(command)
        for key, answer in self.answers.items():
            if key in command:
                return answer if isinstance(answer, CommandResult) else answer(argv)
        return DONE

    def ran_any(self, words: str) -> bool:
        """Whether a command with these words was run."""
        return any(words in command for command in self.ran)

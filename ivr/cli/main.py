"""`expertline`: one command for authors, operators and testers.

Exit status everywhere: 0 good, 1 the thing checked is bad, 2 the command was used wrongly or
could not start.
"""

from collections.abc import Mapping
from typing import ClassVar

import typer

from ivr.cli.on_demand import CommandsOnDemand


class Commands(CommandsOnDemand):
    """All there are; each says in its own module what it does."""

    places: ClassVar[Mapping[str, str]] = {
        "call": "ivr.cli.call:call",
        "check": "ivr.cli.check:check",
        "close": "ivr.cli.closing:close",
        "explain": "ivr.cli.explain:explain",
        "graph": "ivr.cli.graph:graph",
        "open": "ivr.cli.closing:open_again",
        "reload": "ivr.cli.reload:reload",
        "replay": "ivr.cli.replay:replay",
        "schema": "ivr.cli.schema:schema",
        "serve": "ivr.cli.serve:serve",
        "test": "ivr.cli.run_tests:run_caller_tests",
        "agent": "ivr.cli.agent:app",
        "contacts": "ivr.cli.contacts:app",
        "crisis": "ivr.cli.crisis:app",
        "messages": "ivr.cli.messages:app",
        "orders": "ivr.cli.orders:app",
        "outbox": "ivr.cli.outbox:app",
        "prompts": "ivr.cli.prompts:app",
    }


app = typer.Typer(
    name="expertline",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def expertline() -> None:
    """IVR and skills-based call routing on a stock Asterisk."""


def main() -> None:
    """Entry point of the installed command."""
    app()

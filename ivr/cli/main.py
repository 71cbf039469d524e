"""`expertline`: one command for authors, operators and testers.

Exit status everywhere: 0 good, 1 the thing checked is bad, 2 the command was used wrongly or
could not start.
"""

import typer

from ivr.cli import agent, check, contacts, orders, prompts, replay, serve

app = typer.Typer(
    name="expertline",
    help="IVR and skills-based call routing on a stock Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="check")(check.check)
app.command(name="replay")(replay.replay)
app.command(name="serve")(serve.serve)
app.add_typer(agent.app, name="agent")
app.add_typer(contacts.app, name="contacts")
app.add_typer(orders.app, name="orders")
app.add_typer(prompts.app, name="prompts")


def main() -> None:
    """Entry point of the installed command."""
    app()

"""`expertline`: one command for authors, operators and testers.

Exit status everywhere: 0 good, 1 the thing checked is bad, 2 the command was used wrongly or
could not start.
"""

import typer

from ivr.cli import (
    agent,
    call,
    check,
    closing,
    contacts,
    crisis,
    explain,
    graph,
    messages,
    orders,
    outbox,
    prompts,
    reload,
    replay,
    run_tests,
    schema,
    serve,
)

app = typer.Typer(
    name="expertline",
    help="IVR and skills-based call routing on a stock Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="call")(call.call)
app.command(name="check")(check.check)
app.command(name="close")(closing.close)
app.command(name="explain")(explain.explain)
app.command(name="graph")(graph.graph)
app.command(name="open")(closing.open_again)
app.command(name="reload")(reload.reload)
app.command(name="replay")(replay.replay)
app.command(name="schema")(schema.schema)
app.command(name="serve")(serve.serve)
app.command(name="test")(run_tests.run_caller_tests)
app.add_typer(agent.app, name="agent")
app.add_typer(contacts.app, name="contacts")
app.add_typer(crisis.app, name="crisis")
app.add_typer(messages.app, name="messages")
app.add_typer(orders.app, name="orders")
app.add_typer(outbox.app, name="outbox")
app.add_typer(prompts.app, name="prompts")


def main() -> None:
    """Entry point of the installed command."""
    app()

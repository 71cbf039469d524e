"""`expertline serve`: one engine on one Asterisk."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.conf.problem import ConfProblem
from ivr.app import EngineProblem
from ivr.app import serve as serve_engine
from ivr.flow.read_services import wrong_with
from ivr.ports import PeerError
from ivr.prompts.catalogue import CatalogueInvalid
from ivr.settings import EngineSettings, repository_root

BAD, WRONG_USE = 1, 2
AUDIO = repository_root() / "prompts" / "audio"

SiteOption = Annotated[Path, typer.Option(help="The folder with site.yaml.")]
RunDirOption = Annotated[
    Path, typer.Option(help="The private folder of this Asterisk, with its secrets.")
]
HostOption = Annotated[str, typer.Option(help="Where Asterisk's ARI listens.")]
PortOption = Annotated[int, typer.Option(help="The port of Asterisk's ARI.")]
AppOption = Annotated[str, typer.Option(help="The name of our Stasis application.")]
UserOption = Annotated[str, typer.Option(help="The ARI user.")]
AudioOption = Annotated[Path, typer.Option(help="The folder of built prompts.")]
DataOption = Annotated[Path, typer.Option(help="Where the trace and the records go.")]
ForgetOption = Annotated[
    bool, typer.Option("--forget", help="Start with nobody signed in, whatever the journal says.")
]
ServiceOption = Annotated[
    list[str] | None,
    typer.Option("--service", help="NAME=URL: ask this service there. For staging and tests."),
]


def serve(  # noqa: PLR0913 - each is one option of the command line
    run_dir: RunDirOption,
    ari_port: PortOption,
    data_dir: DataOption,
    *,
    site: SiteOption = Path("dialplans"),
    ari_host: HostOption = "127.0.0.1",
    ari_app: AppOption = "expertline",
    ari_user: UserOption = "expertline",
    audio: AudioOption = AUDIO,
    forget: ForgetOption = False,
    service: ServiceOption = None,
) -> None:
    """Take calls from one Asterisk until SIGTERM or Ctrl-C."""
    settings = EngineSettings(
        site=site,
        run_dir=run_dir,
        ari_host=ari_host,
        ari_port=ari_port,
        ari_app=ari_app,
        ari_user=ari_user,
        audio=audio,
        data_dir=data_dir,
        forget=forget,
        services=_addresses(service or []),
    )
    try:
        asyncio.run(serve_engine(settings, ready=lambda sentence: typer.echo(sentence)))
    except (EngineProblem, PeerError, ConfProblem, CatalogueInvalid) as problem:
        typer.echo(f"expertline: {problem}", err=True)
        raise typer.Exit(BAD) from problem


def _addresses(written: list[str]) -> dict[str, str]:
    """Each ``NAME=URL``, by name."""
    addresses: dict[str, str] = {}
    for each in written:
        name, separator, url = each.partition("=")
        wrong = wrong_with(url) if separator else "is missing; write NAME=URL"
        if wrong is not None or not name:
            typer.echo(f"expertline: the url of --service {name!r} {wrong}.", err=True)
            raise typer.Exit(WRONG_USE)
        addresses[name] = url
    return addresses

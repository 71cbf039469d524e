"""What other systems answer in a call that is played in the terminal: by options, or by hand."""

import sys
from typing import NoReturn

import typer

from ivr.call.effects import RequestLookup
from ivr.flow.problems import listing
from ivr.flow.services import Service
from ivr.flow.site import Site
from ivr.rehearsal.asked_services import FAILED, WORDS, Stub, Stubs, stub_of_words

WRONG_USE = 2

ASKED_AGAIN_MAX = 3
"""How often an answer that can not be one is asked for again."""


def stubs_of_options(site: Site, written: list[str]) -> Stubs:
    """The answers of ``SERVICE.FIELD=VALUE`` and ``SERVICE=WORD``; ends the command where wrong."""
    words: dict[str, list[str]] = {}
    for each in written:
        name, _, word = each.partition("=")
        service, dot, field = name.partition(".")
        if not word and not dot:
            _refuse(f"{each!r} says no answer; write NAME.FIELD=VALUE or NAME=failed")
        words.setdefault(service, []).append(f"{field}={word}" if dot else word)
    stubs: dict[str, tuple[Stub, ...]] = {}
    for name, said in words.items():
        service = site.services.get(name)
        if service is None:
            _refuse(f"there is no service {name!r}; there are: {listing(site.services)}")
        stub = stub_of_words(service, " ".join(said))
        if isinstance(stub, str):
            _refuse(stub)
        stubs[name] = (stub,)
    return stubs


class AskedByHand:
    """Lets whoever sits at the terminal answer for a service; without one, it fails and says so."""

    def __init__(self, site: Site) -> None:
        self._services = site.services

    def __call__(self, request: RequestLookup) -> Stub:
        """What the service answers."""
        service = self._services[request.service]
        if not sys.stdin.isatty():
            typer.echo(
                f"         (nobody answers for the service {service.name}: it fails; "
                f"--lookup {service.name}.FIELD=VALUE would answer)"
            )
            return FAILED
        for _ in range(ASKED_AGAIN_MAX):
            stub = self._asked(service, request)
            if isinstance(stub, Stub):
                return stub
            typer.echo(f"         ({stub})")
        return FAILED

    def _asked(self, service: Service, request: RequestLookup) -> Stub | str:
        wanted = " ".join(f"{each.name}=<{each.kind.value}>" for each in request.wants)
        choices = ", ".join([*([wanted] if wanted else []), *WORDS])
        typer.echo(f"The service {service.name} is asked. It answers ({choices}) > ", nl=False)
        line = sys.stdin.readline().strip()
        return stub_of_words(service, line) if line or not request.wants else FAILED


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"expertline: --lookup: {sentence}.", err=True)
    raise typer.Exit(WRONG_USE)

"""Commands that are imported when one of them runs, and not to be listed."""

import ast
from collections.abc import Mapping
from importlib import import_module
from importlib.abc import InspectLoader
from importlib.util import find_spec
from inspect import cleandoc
from typing import Any, ClassVar, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class CommandsOnDemand(TyperGroup):
    """A group whose commands stand in ``places``: ``module:attribute`` by name, in listed order.

    All it takes to name them is this table, and to list them the sources of their modules: what a
    command works with is of no use to the others, and loading it all costs a second.
    """

    places: ClassVar[Mapping[str, str]]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name in self.places:
            self.add_command(TyperCommand(name))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The page with the list, each command with its first sentence."""
        for name, place in self.places.items():
            self.add_command(TyperCommand(name, help=help_at(place)))
        super().format_help(ctx, formatter)

    def resolve_command(
        self, ctx: Any, args: list[str]
    ) -> tuple[str | None, TyperCommand | TyperGroup | None, list[str]]:
        """The command that is named, whole, with its options."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else command_at(self.places[name], name), rest


def command_at(place: str, name: str) -> TyperCommand | TyperGroup:
    """The command of this name at ``module:attribute``: a function, or the app of a group."""
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    around = typer.Typer()
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name=name)(found)
    return cast("TyperCommand | TyperGroup", get_group(around).commands[name])


def help_at(place: str) -> str:
    """What the command at ``module:attribute`` says of itself, read and not imported.

    A function says it in its docstring, and the app of a group as ``help`` of its `Typer(...)`; no
    other form is known here. Empty where there is no source to read.
    """
    module, _, attribute = place.partition(":")
    for statement in ast.parse(_source(module)).body:
        match statement:
            case ast.FunctionDef(name=name) if name == attribute:
                return ast.get_docstring(statement) or ""
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(keywords=keywords)) if (
                name == attribute
            ):
                return next((_text(each.value) for each in keywords if each.arg == "help"), "")
            case _:
                pass
    return ""


def _source(module: str) -> str:
    spec = find_spec(module)
    loader = None if spec is None else spec.loader
    return (loader.get_source(module) or "") if isinstance(loader, InspectLoader) else ""


def _text(value: ast.expr) -> str:
    return cleandoc(str(ast.literal_eval(value)))

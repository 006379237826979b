"""Commands that are loaded when they are asked for: most load much that others do not need, and one that only asks the
server should have its answer at once.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def loaded_later(places: Mapping[str, str]) -> type[TyperGroup]:
    """What a `typer.Typer` takes as `cls` to have more commands than were registered with it.

    Args:
        places: name of a command → module of this package, and what there is a function or a `typer.Typer`: `flow:app`.
    """

    class LoadedLater(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return [*super().list_commands(ctx), *places]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            place = places.get(cmd_name)
            return super().get_command(ctx, cmd_name) if place is None else _loaded(cmd_name, place)

    return LoadedLater


def _loaded(name: str, place: str) -> Any:
    module, _, member = place.partition(":")
    found = getattr(import_module(f"trunkline.cli.{module}"), member)
    if isinstance(found, typer.Typer):
        command = typer.main.get_group(found)
        command.name = name
        return command
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)

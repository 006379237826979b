"""`trunkline user make-admin`: run on the server itself, by its settings; needs no account."""

import asyncio
import re
from typing import Annotated

import typer

from gateway.fields import USERNAME
from kernel.errors import TrunklineError
from kernel.first_start import kept_settings
from kernel.settings import Settings
from trunkline.cli.client import fail
from trunkline.cli.environment import environment_settings
from trunkline.cli.installation import opened


def make_admin(
    username: str,
    create: Annotated[bool, typer.Option("--create", help="Make the account where there is none")] = False,
    temporary: Annotated[bool, typer.Option("--temporary", help="Give a password that has to be changed")] = False,
) -> None:
    """Make a person administrator, with nobody's leave: for when no administrator is left. Run it on the server."""
    if not re.fullmatch(USERNAME, username):
        fail(f"{username!r} is no user name", code=2)
    settings = kept_settings(environment_settings())
    if not settings.secret_key.get_secret_value():
        fail("No installation is here: run it with the server's environment, or name its TRUNKLINE_DATA_DIR", code=2)
    try:
        password = asyncio.run(_make(settings, username, create=create, temporary=temporary))
    except TrunklineError as error:
        fail(error.detail)
    typer.echo(f"{username} administers the platform")
    if password is not None:
        typer.echo(f"password  {password}\nIt has to be changed at sign-in.")


async def _make(settings: Settings, username: str, *, create: bool, temporary: bool) -> str | None:
    async with opened(settings) as product:
        return await product.gateway.recovery.make_administrator(username, creates=create, temporary=temporary)

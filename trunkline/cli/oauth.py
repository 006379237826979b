"""`trunkline app oauth`: how an app takes part in OAuth."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json


def set_oauth(
    app_code: str,
    redirect_uri: Annotated[list[str] | None, typer.Option(help="Where people are sent back to; repeatable")] = None,
    post_logout_redirect_uri: Annotated[list[str] | None, typer.Option(help="The same after signing out")] = None,
    grant_type: Annotated[list[str] | None, typer.Option(help="What it may use; repeatable")] = None,
    auth_method: Annotated[
        str | None, typer.Option(help="client_secret_basic, or none for an app that keeps no secret")
    ] = None,
    first_party: Annotated[bool | None, typer.Option(help="People are not asked for their consent")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show how an app takes part in OAuth, and change what is given."""
    client = connect(url, token)
    settings: dict[str, Any] = client.get(f"/apps/{app_code}/oauth")
    given = {
        "redirect_uris": redirect_uri,
        "post_logout_redirect_uris": post_logout_redirect_uri,
        "grant_types": grant_type,
        "token_endpoint_auth_method": auth_method,
        "is_first_party": first_party,
    }
    changes = {member: value for member, value in given.items() if value is not None}
    if changes:
        wanted = {member: value for member, value in settings.items() if member != "client_id"} | changes
        settings = client.put(f"/apps/{app_code}/oauth", wanted)
    if as_json:
        print_json(settings)
        return
    for member, value in settings.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        typer.echo(f"{member}\t{'' if shown is None else shown}")

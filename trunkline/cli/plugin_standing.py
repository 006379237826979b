"""What becomes of published plugins: `trunkline plugin yank`, `channel`, `deprecate`, `advise` and what undoes them."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json

Code = Annotated[str, typer.Argument(help="The plugin's code")]
Version = Annotated[str, typer.Argument(help="One of its versions")]


def yank_version(
    code: Code,
    version: Version,
    message: Annotated[str, typer.Option(help="What its users should do instead")],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Have nobody install a version any more; where it is installed it goes on."""
    connect(url, token).put(f"/plugins/{code}/versions/{version}/yank", {"message": message})
    typer.echo(f"{code} {version} is yanked")


def unyank_version(code: Code, version: Version, url: UrlOption = "", token: TokenOption = "") -> None:
    """Offer a yanked version again."""
    connect(url, token).delete(f"/plugins/{code}/versions/{version}/yank")
    typer.echo(f"{code} {version} is offered again")


def move_version(
    code: Code,
    version: Version,
    channel: Annotated[str, typer.Argument(help="stable, beta, or another name")],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Put a version into a channel."""
    connect(url, token).put(f"/plugins/{code}/versions/{version}/channel", {"channel": channel})
    typer.echo(f"{code} {version} is in channel {channel}")


def deprecate_plugin(
    code: Code,
    message: Annotated[str, typer.Option(help="Why, and what to do")],
    replacement: Annotated[str, typer.Option(help="Code of the plugin to use instead")] = "",
    ends_on: Annotated[str, typer.Option(help="Day from which nobody should use it, as 2027-01-31")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Tell everybody that a plugin has an end."""
    body = {"message": message, "replacement": replacement or None, "ends_on": ends_on or None}
    connect(url, token).put(f"/plugins/{code}/deprecation", body)
    typer.echo(f"{code} is deprecated")


def undeprecate_plugin(code: Code, url: UrlOption = "", token: TokenOption = "") -> None:
    """Take a deprecation back."""
    connect(url, token).delete(f"/plugins/{code}/deprecation")
    typer.echo(f"{code} is not deprecated any more")


def publish_advisory(
    code: Code,
    severity: Annotated[str, typer.Option(help="low, moderate, high or critical")],
    affected: Annotated[str, typer.Option(help="Versions it holds for, as '>=1.0.0 <1.4.2'")],
    title: Annotated[str, typer.Option(help="One line in English")],
    title_zh: Annotated[str, typer.Option(help="The same in Chinese")],
    text: Annotated[str, typer.Option(help="What happens and what to do, in English")],
    text_zh: Annotated[str, typer.Option(help="The same in Chinese")],
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Warn everybody who has one of these versions."""
    body = {
        "severity": severity,
        "affected": affected,
        "title": {"en": title, "zh": title_zh},
        "text": {"en": text, "zh": text_zh},
    }
    answer = connect(url, token).post(f"/plugins/{code}/advisories", body)
    if as_json:
        print_json(answer)
        return
    typer.echo(f"Advisory {answer['id']} holds for {code} {answer['affected']}")


def withdraw_advisory(
    advisory: Annotated[str, typer.Argument(help="Its id")],
    reason: Annotated[str, typer.Option(help="Why it doesn't hold")],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Withdraw an advisory; it stays on record."""
    connect(url, token).post(f"/advisories/{advisory}:withdraw", {"reason": reason})
    typer.echo(f"Advisory {advisory} is withdrawn")


def list_advisories(
    code: Annotated[str | None, typer.Argument(help="Of one plugin [default: of all]")] = None,
    project: Annotated[str, typer.Option(help="Those that hold for what is installed in this project")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List advisories; exit code 1 when a project has something installed that one holds for."""
    client = connect(url, token)
    if project:
        held = client.get(f"/projects/{project}/advisories")["items"]
        found = [{**each["advisory"], "installed": each["version"]} for each in held]
    else:
        found = list(client.items("/advisories", plugin=code))
    if as_json:
        print_json(found)
    for advisory in [] if as_json else found:
        state = " (withdrawn)" if advisory["withdrawn_at"] else ""
        place = f"{advisory['plugin']} {advisory.get('installed') or advisory['affected']}"
        typer.echo(f"{advisory['id']}  {advisory['severity']:8}  {place}: {advisory['title']['en']}{state}")
    if project and found:
        raise typer.Exit(1)


def download_version(
    code: Code,
    version: Version,
    out: Annotated[Path | None, typer.Option(help="File to write [default: ./CODE-VERSION.zip]")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Fetch a published package, byte for byte."""
    content = connect(url, token).download(f"/plugins/{code}/versions/{version}/package")
    target = out or Path(f"{code}-{version}.zip")
    try:
        target.write_bytes(content)
    except OSError as error:
        fail(f"{target} can't be written: {error.strerror}")
    typer.echo(f"{target}: {len(content)} bytes")

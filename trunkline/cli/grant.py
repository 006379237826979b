"""`trunkline grant`: what apps may call: apply, decide, renew, revoke."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json

grants = typer.Typer(no_args_is_help=True, help="Apply for grants, decide on them, renew them.")

ApplicationArgument = Annotated[str, typer.Argument(help="Id of an application, as `grant applications` shows it")]
ReasonOption = Annotated[str, typer.Option("--comment", help="Why; the applicant reads it")]
TextOption = Annotated[str, typer.Option("--comment", help="What the other side reads")]


@grants.command("apply")
def apply_for_grant(
    app_code: str,
    system: str,
    component: Annotated[list[str] | None, typer.Argument(help="Components; none means the whole system")] = None,
    reason: Annotated[str, typer.Option(help="Why; the owner reads it")] = "",
    days: Annotated[int, typer.Option(help="A term the system offers, usually 180 or 360; 0 for no end")] = 180,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Apply for a grant on components of a system."""
    body = {
        "app_code": app_code,
        "system": system,
        "components": component or None,
        "reason": reason,
        "days": days or None,
    }
    _show(connect(url, token).post("/grants", body), as_json=as_json)


@grants.command("list")
def list_grants(
    app_code: Annotated[str | None, typer.Option("--app")] = None,
    system: Annotated[str | None, typer.Option()] = None,
    state: Annotated[
        str | None, typer.Option(help="applied, asked, approved, refused, withdrawn, revoked, expired or renewed")
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List grants."""
    _show(list(connect(url, token).items("/grants", app_code=app_code, system=system, state=state)), as_json=as_json)


@grants.command("approve")
def approve_grant(grant: str, comment: str = "", url: UrlOption = "", token: TokenOption = "") -> None:
    """Approve an application; you own the system or administer the platform."""
    _show(connect(url, token).post(f"/grants/{grant}:approve", {"comment": comment}), as_json=False)


@grants.command("refuse")
def refuse_grant(grant: str, comment: ReasonOption, url: UrlOption = "", token: TokenOption = "") -> None:
    """Refuse an application."""
    _show(connect(url, token).post(f"/grants/{grant}:refuse", {"comment": comment}), as_json=False)


@grants.command("revoke")
def revoke_grant(grant: str, comment: ReasonOption, url: UrlOption = "", token: TokenOption = "") -> None:
    """Revoke a grant; calls are refused within a second."""
    _show(connect(url, token).post(f"/grants/{grant}:revoke", {"comment": comment}), as_json=False)


@grants.command("renew")
def renew_grants(
    grant: Annotated[list[str], typer.Argument(help="Grants of one app on one system")],
    reason: Annotated[str, typer.Option(help="Why; the owner reads it")] = "",
    days: Annotated[int, typer.Option(help="A term the system offers; 0 for no end")] = 180,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Apply to go on with grants that hold or have expired."""
    body = {"grant_ids": grant, "reason": reason, "days": days or None}
    _show(connect(url, token).post("/grants:renew", body), as_json=as_json)


@grants.command("applications")
def list_applications(
    app_code: Annotated[str | None, typer.Option("--app")] = None,
    system: Annotated[str | None, typer.Option()] = None,
    state: Annotated[str | None, typer.Option(help="waiting, asked or decided")] = None,
    side: Annotated[str | None, typer.Option(help="applicant or decider: whose list to show")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List applications: of your apps, and on systems you decide on."""
    found = connect(url, token).items("/applications", app_code=app_code, system=system, state=state, side=side)
    _show_applications(list(found), as_json=as_json)


@grants.command("decide")
def decide_on_application(
    application: ApplicationArgument,
    decision: Annotated[str, typer.Argument(help="approve, refuse or ask")],
    component: Annotated[
        list[str] | None, typer.Option(help="Approve only these; repeat it. The others are refused")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Another term than asked for; 0 for no end")] = None,
    comment: TextOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Decide on a whole application: approve it, in part or for another term, refuse it, or ask back."""
    if decision not in {"approve", "refuse", "ask"}:
        fail("Decide by approve, refuse or ask", code=2)
    body: dict[str, Any] = {"decision": decision, "comment": comment}
    if component:
        body["components"] = component
    if days is not None:
        body["days"] = days or None
    _show_applications([connect(url, token).post(f"/applications/{application}/decision", body)], as_json=as_json)


@grants.command("answer")
def answer_application(
    application: ApplicationArgument,
    text: Annotated[str, typer.Argument(help="The answer; the owner reads it")],
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Answer what the owner asked back."""
    answer = connect(url, token).post(f"/applications/{application}:answer", {"text": text})
    _show_applications([answer], as_json=as_json)


@grants.command("withdraw")
def withdraw_application(
    application: ApplicationArgument,
    comment: TextOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take back an application nobody decided yet."""
    answer = connect(url, token).post(f"/applications/{application}:withdraw", {"text": comment})
    _show_applications([answer], as_json=as_json)


@grants.command("rules")
def grant_rules(
    system: str,
    term: Annotated[list[int] | None, typer.Option(help="Days apps may apply for; repeat it. 0 is without end")] = None,
    self_approval: Annotated[bool | None, typer.Option(help="Who applied may approve it himself")] = None,
    remind: Annotated[
        list[int] | None, typer.Option(help="So many days before the end somebody is reminded; repeat it")
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show or change what a system lays down about grants on it."""
    wanted = {
        "terms": [days or None for days in term] if term else None,
        "self_approval": self_approval,
        "reminder_days": remind or None,
    }
    body = {name: value for name, value in wanted.items() if value is not None}
    client, path = connect(url, token), f"/systems/{system}/grant-rules"
    rules = client.patch(path, body) if body else client.get(path)
    if as_json:
        print_json(rules)
        return
    typer.echo(f"terms\t{', '.join(str(days or 'no end') for days in rules['terms'])}")
    typer.echo(f"self-approval\t{'allowed' if rules['self_approval'] else 'not allowed'}")
    typer.echo(f"reminders\t{', '.join(f'{days} days before' for days in rules['reminder_days']) or 'none'}")


def _show(answer: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    found = answer["items"] if isinstance(answer, dict) and "items" in answer else answer
    for grant in found if isinstance(found, list) else [found]:
        target = f"{grant['system']}.{grant['component'] or '*'}"
        asked = f"{grant['days']} days" if grant["days"] else "no end"
        ends = asked if grant["state"] in {"applied", "asked"} else grant["expires_at"] or "no end"
        typer.echo(f"{grant['id']}\t{grant['app_code']}\t{target}\t{grant['state']}\t{ends}")


def _show_applications(found: list[Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for each in found:
        components = ", ".join(grant["component"] or "*" for grant in each["grants"])
        typer.echo(
            f"{each['id']}\t{each['app_code']}\t{each['system']}.{components}\t{each['state']}\t{each['reason']}"
        )

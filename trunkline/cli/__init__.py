"""The `trunkline` command. Exit codes: 0 done, 1 failed, 2 wrong usage."""

import typer

from trunkline.cli import (
    access,
    archive,
    audit,
    demo,
    deputy,
    draft,
    executor,
    explain,
    flow,
    flow_market,
    grant,
    maintain,
    mcp,
    mini_app,
    mock,
    oauth,
    plugin,
    policy,
    quota,
    recovery,
    release,
    request,
    schedule,
    secret,
    serve,
    signing_keys,
    stage,
    system,
    task,
    trigger,
    upstream,
    user,
    variable,
)

app = typer.Typer(
    name="trunkline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="API gateway, plugin marketplace and flow orchestrator.",
)
for command in (
    serve.serve,
    serve.gateway,
    serve.worker,
    demo.demo,
    maintain.migrate,
    maintain.openapi,
    maintain.doctor,
):
    app.command()(command)
app.add_typer(system.app, name="system")
app.add_typer(draft.app, name="draft")
app.add_typer(release.app, name="release")
app.add_typer(stage.app, name="stage")
app.add_typer(upstream.upstreams, name="upstream")
app.add_typer(upstream.signing, name="signing")
access.apps.command("oauth")(oauth.set_oauth)
app.add_typer(access.apps, name="app")
app.add_typer(grant.grants, name="grant")
app.add_typer(deputy.app, name="deputy")
app.add_typer(signing_keys.app, name="keys")
user.app.command("make-admin")(recovery.make_admin)
app.add_typer(user.app, name="user")
app.add_typer(explain.app, name="explain")
app.add_typer(policy.app, name="policy")
app.add_typer(mcp.app, name="mcp")
app.add_typer(plugin.app, name="plugin")
flow.app.command("share")(flow_market.share_flow)
flow.app.command("take")(flow_market.take_flow)
flow.app.command("mock-run")(mock.mock_run)
flow.app.command("try-node")(mock.try_node)
flow.app.command("recorded")(mock.recorded_outputs)
app.add_typer(flow.app, name="flow")
app.add_typer(task.app, name="task")
app.add_typer(request.app, name="request")
app.add_typer(mini_app.app, name="mini-app")
app.add_typer(schedule.app, name="schedule")
app.add_typer(trigger.app, name="trigger")
app.add_typer(archive.app, name="archive")
app.add_typer(quota.app, name="quota")
app.add_typer(executor.app, name="executor")
app.add_typer(variable.app, name="variable")
app.add_typer(secret.app, name="secret")
app.add_typer(audit.app, name="audit")


def main() -> None:
    app()

"""What is wrong with settings somebody sent. Pure."""

from gateway.oauth.clients.redirect_uris import redirect_uri_problem
from gateway.oauth.clients.settings import AUTH_METHODS, CLIENT_CREDENTIALS, GRANT_TYPES, ClientSettings
from kernel.errors import FieldProblem


def settings_problems(settings: ClientSettings) -> list[FieldProblem]:
    """Each names its field and what to send instead."""
    return [*_address_problems(settings), *_grant_problems(settings), *_method_problems(settings)]


def _address_problems(settings: ClientSettings) -> list[FieldProblem]:
    remedy = "Send an https address, http://127.0.0.1/… or com.example.app:/…"
    return [
        FieldProblem(f"{field}.{index}", problem, remedy)
        for field in ("redirect_uris", "post_logout_redirect_uris")
        for index, uri in enumerate(getattr(settings, field))
        if (problem := redirect_uri_problem(uri)) is not None
    ]


def _grant_problems(settings: ClientSettings) -> list[FieldProblem]:
    remedy = f"Send some of: {', '.join(GRANT_TYPES)}"
    problems = [
        FieldProblem(f"grant_types.{index}", f"{grant_type[:100]} is not offered", remedy)
        for index, grant_type in enumerate(settings.grant_types)
        if grant_type not in GRANT_TYPES
    ]
    if settings.is_public and CLIENT_CREDENTIALS in settings.grant_types:
        problems.append(
            FieldProblem(
                "grant_types",
                f"{CLIENT_CREDENTIALS} is for clients that can prove who they are",
                "Leave it out, or choose another token_endpoint_auth_method",
            )
        )
    return problems


def _method_problems(settings: ClientSettings) -> list[FieldProblem]:
    method = settings.token_endpoint_auth_method
    if method in AUTH_METHODS:
        return []
    remedy = f"Send one of: {', '.join(AUTH_METHODS)}"
    return [FieldProblem("token_endpoint_auth_method", f"{method} is not offered", remedy)]

"""Asks the person whether he wants to be signed out, where the app that sent him can't prove for whom it asks."""

from collections.abc import Mapping
from html import escape
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

CONFIRMED: Final = "csrf_token"
"""The field that the page alone can send back (OpenID Connect RP-Initiated Logout 1.0 §6)."""

_PASSED_ON: Final = ("client_id", "post_logout_redirect_uri", "state")
_TEXTS: Final = {
    "en": ("Sign out", "You are signed in as {username}. Do you want to sign out?", "Sign out", "Stay signed in"),
    "zh": ("退出登录", "您当前以 {username} 登录。确定要退出登录吗?", "退出登录", "保持登录"),
}
_PAGE: Final = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:18vh auto;padding:0 1.5rem}}</style>
<h1>{title}</h1>
<p>{question}</p>
<form method="post" action="/oauth/logout">
{fields}
<button type="submit">{yes}</button>
<a href="/">{no}</a>
</form>
</html>
"""


def logout_page(
    parameters: Mapping[str, str], address: str, *, username: str, csrf_token: str, language: str
) -> HTMLResponse:
    """Args:
    address: where the browser goes afterwards.
    csrf_token: of the session; what comes with it comes from this page.
    """
    title, question, yes, no = _TEXTS["zh" if language.startswith("zh") else "en"]
    sent = {name: parameters[name] for name in _PASSED_ON if name in parameters} | {CONFIRMED: csrf_token}
    fields = "\n".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in sent.items())
    page = _PAGE.format(
        language="zh" if language.startswith("zh") else "en",
        title=title,
        question=escape(question.format(username=username)),
        fields=fields,
        yes=yes,
        no=no,
    )
    return HTMLResponse(page, 200, _headers(address))


def _headers(address: str) -> dict[str, str]:
    """Browsers hold the address that a form leads to in the end to the policy too."""
    parts = urlsplit(address)
    onward = f" {parts.scheme}://{parts.netloc}" if parts.netloc else f" {parts.scheme}:" if parts.scheme else ""
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
        f"form-action 'self'{onward}"
    )
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }

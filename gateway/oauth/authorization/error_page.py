"""What a person reads whose app sent him here with a request that can't be answered to it."""

from html import escape
from typing import Final

from starlette.responses import HTMLResponse

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Not signed in</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:18vh auto;padding:0 1.5rem}}</style>
<h1>The app's request can't be answered</h1>
<p>{said}</p>
<p>Nothing was given to the app. Tell those who run it.</p>
</html>
"""


def error_page(said: str) -> HTMLResponse:
    """Status 400; what is said is shown as text, whatever is in it."""
    return HTMLResponse(_PAGE.format(said=escape(said)), 400, _HEADERS)

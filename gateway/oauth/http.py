"""Requests and answers of the OAuth endpoints, between the web framework and the services."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.oauth.form import MAX_BYTES
from gateway.oauth.service import OAuthResponse


async def headers_and_body(request: Request) -> tuple[dict[str, str], bytes]:
    """Of a body no more than is read, and one byte more where it is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            break
    # A header that is sent twice counts as one that says both, which none of ours can.
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    return headers, body


def answered(response: OAuthResponse) -> JSONResponse:
    return JSONResponse(response.body, response.status, response.headers)

"""A client of the management API for commands: where the server is, who we are, and errors as people read them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer

TOKEN_FILE = "cli-token"  # noqa: S105  the name of a file
_NO_TOKEN = "No API token: give --token or TRUNKLINE_TOKEN, or run where {path} is readable"  # noqa: S105  a message
_DEFAULT_URL = "http://127.0.0.1:8080"
_LONGEST_WAIT = 60
_TIMEOUT_SECONDS = _LONGEST_WAIT + 30  # an answer may wait that long, and then has still to come

UrlOption = Annotated[
    str, typer.Option("--url", envvar="TRUNKLINE_URL", help="Address of the server", show_default=_DEFAULT_URL)
]
TokenOption = Annotated[
    str, typer.Option("--token", envvar="TRUNKLINE_TOKEN", help="API token [default: the data directory's cli-token]")
]
WaitOption = Annotated[
    int,
    typer.Option(
        "--wait", min=0, max=_LONGEST_WAIT, help="Seconds to wait until every gateway process serves the change"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON")]


class ApiClient:
    """Calls below `/v1`; answers are decoded JSON.

    An error of the server or on the way ends the command with exit code 1 and its text on standard error.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=f"{self.url}/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_SECONDS,
            limits=httpx.Limits(max_keepalive_connections=0),  # a command makes few calls and leaves nothing open
        )

    def get(self, path: str, **query: Any) -> Any:
        return self._request("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._request("POST", path, json={} if body is None else body, headers=headers)

    def put(self, path: str, body: Any) -> Any:
        return self._request("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        return self._request("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        return self._request("DELETE", path)

    def post_for_file(self, path: str, body: Any) -> bytes:
        """As `post`; the answer is a file."""
        return self._send("POST", path, json=body).content

    def upload(self, path: str, content: bytes, media_type: str, **query: Any) -> Any:
        return self._request("POST", path, content=content, params=query, headers={"Content-Type": media_type})

    def download(self, path: str, **query: Any) -> bytes:
        return self._send("GET", path, params=query).content

    def items(self, path: str, **query: Any) -> Iterator[Any]:
        """All items of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def lines(self, path: str, **query: Any) -> Iterator[str]:
        """An answer of one JSON document a line, as it comes."""
        try:
            with self._http.stream("GET", path, params=query) as answer:
                if answer.is_error:
                    answer.read()
                    _refused(answer)
                yield from answer.iter_lines()
        except httpx.TransportError as error:
            self._unreachable(error)

    @contextmanager
    def events(self, path: str) -> Iterator[Iterator[tuple[str, Any]]]:
        """A server-sent event stream as (event name, decoded data) pairs."""
        timeout = httpx.Timeout(_TIMEOUT_SECONDS, read=None)
        with self._http.stream("GET", path, timeout=timeout, headers={"Accept": "text/event-stream"}) as answer:
            if answer.is_error:
                answer.read()
                _refused(answer)
            yield _parse_events(answer.iter_lines())

    def _request(self, method: str, path: str, **options: Any) -> Any:
        answer = self._send(method, path, **options)
        try:
            return answer.json() if answer.content else None
        except ValueError:
            fail(f"{self.url} answers what is no JSON. Is it Trunkline's address? Give it with --url")

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **options)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            self._unreachable(error)
        if answer.is_error:
            _refused(answer)
        return answer

    def _unreachable(self, error: Exception) -> NoReturn:
        fail(f"{self.url} can't be reached: {error}. Is the server running? Give its address with --url")


def connect(url: str = "", token: str = "") -> ApiClient:
    """The client of a command: options first, then the environment, then this machine's data directory."""
    if not token:
        path = Path(os.environ.get("TRUNKLINE_DATA_DIR", "data")) / TOKEN_FILE
        if not path.is_file():
            fail(_NO_TOKEN.format(path=path), code=2)
        try:
            token = path.read_text(encoding="utf-8").strip()
        except OSError:
            fail(_NO_TOKEN.format(path=path), code=2)
    return ApiClient(url or _DEFAULT_URL, token)


def connect_unknown(url: str = "") -> ApiClient:
    """The client of a command whose body says who calls."""
    return ApiClient(url or _DEFAULT_URL, "none")


def liveness(answer: Any) -> str:
    """Whether a change of configuration is live, as people read it."""
    state = "live" if answer["live"] else "published; not yet served by every gateway process"
    return f"{state} (revision {answer['revision']})"


def fail(message: str, *, code: int = 1) -> NoReturn:
    """Ends the command with the message on standard error; code 1 is failure, 2 wrong usage."""
    typer.secho(message, err=True, fg=typer.colors.RED)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _refused(answer: httpx.Response) -> NoReturn:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        fail(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
    lines = [f"{problem.get('title', 'Refused')}: {problem.get('detail', '')}"]
    lines += [
        f"  {error['field']}: {error['problem']}" + (f" - {error['remedy']}" if error.get("remedy") else "")
        for error in problem.get("errors", [])
    ]
    lines.append(f"  (status {answer.status_code}, request {problem.get('request_id', '-')})")
    fail("\n".join(lines))


def _parse_events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name, data = "message", list[str]()
    for line in lines:
        if not line:
            if data:
                yield name, json.loads("\n".join(data))
            name, data = "message", []
        elif line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").strip())

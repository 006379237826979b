"""A better page to try a plugin by, lent by whoever starts its process: this distribution has neither what draws a
form.js nor what evaluates it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from trunkline_plugin.project import Project, form_file
from trunkline_plugin.serving.answers import failed, json_answer, not_found

_INDEX: Final = "try-plugin.html"
_SECONDS: Final = 30
_NO_FORM: Final = b'{"result": true, "data": null, "message": ""}'
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class Lent:
    """Attributes:
    page: folder of the page's files; `try-plugin.html` is the page.
    form_command: prints a JSON object that the page draws a form.js by; it gets the file's path as its last argument.
    """

    page: Path
    form_command: tuple[str, ...]


def lent_routes(lent: Lent, project: Project) -> list[BaseRoute]:
    """The page, what it loads, and `GET /try/form/{version}`: what the command says of the version's form.js."""
    programs = _FormPrograms(project, lent.form_command)

    async def page(_request: Request) -> Response:
        return FileResponse(lent.page / _INDEX, headers=_HEADERS)

    return [
        Route("/", page, methods=["GET"]),
        Route("/try/form/{version}", programs.answer, methods=["GET"]),
        Mount("/", StaticFiles(directory=lent.page)),
    ]


class _FormPrograms:
    """Asks the command once for each text of a form."""

    def __init__(self, project: Project, command: tuple[str, ...]) -> None:
        self._project = project
        self._command = command
        self._known: dict[str, tuple[str, bytes]] = {}

    async def answer(self, request: Request) -> Response:
        version = request.path_params["version"]
        if version not in self._project.versions:
            return not_found()
        file = form_file(self._project.folder, version)
        if not file.is_file():
            return json_answer(_NO_FORM)
        script = file.read_text(encoding="utf-8")
        known = self._known.get(version)
        if known is not None and known[0] == script:
            return json_answer(known[1])
        said, problem = await self._asked(file)
        if problem:
            return failed(problem)
        found = b'{"result": true, "data": ' + said + b', "message": ""}'
        self._known[version] = (script, found)
        return json_answer(found)

    async def _asked(self, file: Path) -> tuple[bytes, str]:
        """What the command printed, or why it did not."""
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(*self._command, str(file), stdout=pipe, stderr=pipe)
        except OSError as error:
            return b"", f"{self._command[0]} can't be started: {error.strerror}"
        try:
            said, problem = await asyncio.wait_for(process.communicate(), _SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            return b"", f"the form took more than {_SECONDS} seconds"
        if process.returncode:
            return b"", problem.decode("utf-8", "replace").strip() or f"it ended with {process.returncode}"
        return said, ""

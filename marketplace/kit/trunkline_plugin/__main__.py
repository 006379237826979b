"""`trunkline-plugin serve DIR`, `trunkline-plugin describe DIR`."""

import argparse
import json
import shlex
import sys
from pathlib import Path

from trunkline_plugin.describe import describe
from trunkline_plugin.project import ProjectUnreadable
from trunkline_plugin.serving.process import Serving, serve
from trunkline_plugin.serving.trying import Lent


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 ok, 1 failed, 2 usage."""
    given = _parser().parse_args(arguments)
    try:
        if given.command == "describe":
            sys.stdout.write(json.dumps(describe(given.folder), ensure_ascii=False) + "\n")
        else:
            data = given.data or given.folder / ".trunkline-plugin"
            serve(Serving(given.folder, given.host, given.port, data, given.reload, given.fd, _lent(given)))
    except ProjectUnreadable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _lent(given: argparse.Namespace) -> Lent | None:
    return None if given.page is None else Lent(given.page, tuple(shlex.split(given.form_command)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trunkline-plugin", description="Serves plugins of flows.")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="serve the plugin of a folder")
    serving.add_argument("folder", nargs="?", type=Path, default=Path())
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8000)
    serving.add_argument("--fd", type=int, help="a Unix socket that listens already, by its descriptor")
    serving.add_argument("--data", type=Path, help="where runs are kept [default: FOLDER/.trunkline-plugin]")
    serving.add_argument("--reload", action="store_true", help="begin anew when a file changes")
    serving.add_argument("--page", type=Path, help="folder of a page to try the plugin by [default: a small one]")
    serving.add_argument("--form-command", default="", help="with --page: prints what it draws a form.js by")
    describing = commands.add_parser("describe", help="print what the plugin says of itself, as JSON")
    describing.add_argument("folder", nargs="?", type=Path, default=Path())
    return parser


if __name__ == "__main__":
    sys.exit(main())

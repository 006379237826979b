"""The shell programs that run on hosts. They are sent to a shell's input, so that nothing of them stands on a command
line: not the script, not hidden parameters, no password.

POSIX shell; `mktemp` and, where there is one, `setsid`.
"""

import secrets
import shlex
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from adapters.job.service.languages import Interpreter, Language, hidden_command_line

_TOKEN_BYTES = 12


@dataclass(frozen=True, slots=True)
class Script:
    language: Language
    interpreter: Interpreter
    text: str = field(repr=False)
    parameters: tuple[str, ...] = field(repr=False)
    hidden: bool


def new_token() -> str:
    """Marks our own lines among those of the script; it can't guess it before it starts."""
    return f"trunkline-{secrets.token_hex(_TOKEN_BYTES)}"


def shell_command(sudo_user: str, token: str) -> str:
    """The command that reads a program from its input.

    sudo takes a password from its input only if it wants one. So the shell behind it first passes over all lines up to
    the token: a password that was not wanted is never run as a command.
    """
    if not sudo_user:
        return "/bin/sh"
    wait = f'while IFS= read -r line; do [ "$line" = {token} ] && exec /bin/sh; done; exit 125'
    return f"sudo -S -k -H -p '' -u {shlex.quote(sudo_user)} -- /bin/sh -c {shlex.quote(wait)}"


def shell_input(program: str, sudo_user: str, sudo_password: str, token: str) -> bytes:
    if not sudo_user:
        return program.encode()
    return f"{sudo_password}\n{token}\n{program}".encode()


def script_program(script: Script, token: str) -> str:
    """Runs a script in a process group of its own, whose id it tells in a first line: `<token> <id>`.

    Its exit code is the script's; 125 when it can't be prepared, 127 when the language is missing.
    """
    name = f"script{script.interpreter.suffix}"
    body = script.text if script.text.endswith("\n") else f"{script.text}\n"
    candidates = " || ".join(f"command -v {one}" for one in script.interpreter.candidates)
    missing = f"{' and '.join(script.interpreter.candidates)} are not installed on the host"
    return f"""exec 2>&1
umask 077
d=$(mktemp -d "${{TMPDIR:-/tmp}}/trunkline.XXXXXXXXXX") || exit 125
program=$({candidates}) || {{ rm -rf "$d"; echo {shlex.quote(missing)}; exit 127; }}
cat >"$d/{name}" <<'{token}' || {{ rm -rf "$d"; exit 125; }}
{body}{token}
{_parameter_file(script)}
cd 2>/dev/null || cd /
if command -v setsid >/dev/null; then own=setsid; group='$$'; else own=; group='$(ps -o pgid= -p $$)'; fi
$own /bin/sh -c "echo {token} $group;"' exec "$@"' sh {_command(script, name)} </dev/null &
wait $!
code=$?
rm -rf "$d"
exit $code
"""


def _parameter_file(script: Script) -> str:
    if not script.hidden:
        return ":"
    if not script.parameters:
        return ': >"$d/parameters"'
    form = r"'%s\0'" if script.language is not Language.SHELL else "'%s '"
    given = script.parameters
    if script.language is Language.SHELL:
        given = tuple(shlex.quote(one) for one in given)
    return f'printf {form} {" ".join(shlex.quote(one) for one in given)} >"$d/parameters"'


def _command(script: Script, name: str) -> str:
    """The words of the interpreter's command line, as a shell reads them."""
    if not script.hidden:
        return " ".join(['"$program"', f'"$d/{name}"', *(shlex.quote(one) for one in script.parameters)])
    _, *words = hidden_command_line("", script.language, name, "parameters")
    *fixed, _script, _file = words
    return " ".join(['"$program"', *(shlex.quote(one) for one in fixed), f'"$d/{name}"', '"$d/parameters"'])


def kill_program(group: int) -> str:
    """Asks a process group to end, then makes it; returns when it has ended."""
    return f"""exec >/dev/null 2>&1
left() {{ kill -0 -{group}; }}
pause() {{ sleep 0.1 || sleep 1; }}
kill -TERM -{group}
n=0; while left && [ $n -lt 30 ]; do pause; n=$((n+1)); done
left || exit 0
kill -KILL -{group}
n=0; while left && [ $n -lt 20 ]; do pause; n=$((n+1)); done
exit 0
"""


def read_program(path: str, most: int) -> str:
    """Writes a file to the output, if it is one and has no more than that many bytes."""
    quoted = shlex.quote(path)
    return f"""exec 2>/dev/null
test -f {quoted} && test "$(wc -c <{quoted})" -le {most} || exit 1
exec cat -- {quoted}
"""


def list_program(folder: str) -> str:
    """Writes what is in a folder: `f` or `d` for a file or a folder, then its name, then NUL."""
    return f"""exec 2>/dev/null
cd -- {shlex.quote(folder)} || exit 1
for f in * .[!.]* ..?*; do
if test -f "$f"; then printf 'f%s\\0' "$f"
elif test -d "$f" && test ! -h "$f"; then printf 'd%s\\0' "$f"
fi; done
exit 0
"""


def install_program(resting: str, path: str, mark: str, mode: int, *, folder_first: str) -> str:
    """Puts a file that lies somewhere else under its name, whole or not at all; makes the folders above it.

    Args:
        folder_first: the folder that must be there before; empty where all may be made.
    """
    target = PurePosixPath(path)
    unfinished = shlex.quote(str(target.with_name(f".{target.name}.{mark}")))
    there = f"test -d {shlex.quote(folder_first)} || {{ echo no such folder; exit 1; }}" if folder_first else ":"
    return f"""exec 2>&1
{there}
mkdir -p -- {shlex.quote(str(target.parent))} && cp -- {shlex.quote(resting)} {unfinished} &&
chmod {mode:o} {unfinished} && mv -f -- {unfinished} {shlex.quote(path)} && exit 0
rm -f -- {unfinished}
exit 1
"""

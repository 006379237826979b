"""How a script of each language is run."""

import shutil
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class Language(IntEnum):
    SHELL = 1
    BAT = 2
    PERL = 3
    PYTHON = 4
    POWERSHELL = 5


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Attributes:
    candidates: names looked for on the path, the first found is taken.
    loader: a program in the language that runs the script of its first argument with the parameters read from
        the file of its second, one on each NUL-ended line: so that they stand on no command line.
    """

    candidates: tuple[str, ...]
    suffix: str
    loader: str


_INTERPRETERS = {
    Language.SHELL: Interpreter(
        ("bash", "sh"),
        ".sh",
        'script=$1; eval "set -- $(cat "$2")"; . "$script"',
    ),
    Language.PERL: Interpreter(
        ("perl",),
        ".pl",
        "my ($script, $file) = @ARGV; open(my $in, '<', $file) or die; local $/; @ARGV = split(/\\0/, <$in>, -1);"
        ' pop @ARGV; close $in; $0 = $script; local $/ = "\\n"; do $script; die $@ if $@;',
    ),
    Language.PYTHON: Interpreter(
        ("python3", "python"),
        ".py",
        "import runpy, sys; script, file = sys.argv[1:]; text = open(file, encoding='utf-8').read();"
        " sys.argv = [script, *text.split('\\0')[:-1]]; runpy.run_path(script, run_name='__main__')",
    ),
    Language.POWERSHELL: Interpreter(("pwsh",), ".ps1", ""),
}


class LanguageMissing(Exception):
    """The language can't be run here; the text says why."""


def interpreter_for(language: Language, *, hidden_parameters: bool) -> Interpreter:
    """How the language is run on any machine that has it.

    Raises:
        LanguageMissing: on no machine, or unable to take parameters that must stay hidden.
    """
    interpreter = _INTERPRETERS.get(language)
    if interpreter is None:
        raise LanguageMissing(f"{language.name.lower()} scripts can't run")
    if hidden_parameters and not interpreter.loader:
        raise LanguageMissing(f"{language.name.lower()} scripts can't take sensitive parameters")
    return interpreter


def program_of(interpreter: Interpreter) -> str:
    """The interpreter's program on this machine.

    Raises:
        LanguageMissing: there is none.
    """
    program = next((found for name in interpreter.candidates if (found := shutil.which(name))), None)
    if program is None:
        raise LanguageMissing(f"{' and '.join(interpreter.candidates)} are not installed on this machine")
    return program


def command_line(program: str, script: Path, parameters: list[str]) -> list[str]:
    return [program, str(script), *parameters]


def hidden_command_line(program: str, language: Language, script: Path | str, parameter_file: Path | str) -> list[str]:
    flag = "-e" if language is Language.PERL else "-c"
    name = ["sh"] if language is Language.SHELL else []
    return [program, flag, _INTERPRETERS[language].loader, *name, str(script), str(parameter_file)]


def parameter_text(language: Language, parameters: list[str]) -> str:
    """Parameters as the language's loader reads them."""
    if language is Language.SHELL:
        return " ".join("'" + part.replace("'", "'\\''") + "'" for part in parameters)
    return "".join(f"{part}\0" for part in parameters)

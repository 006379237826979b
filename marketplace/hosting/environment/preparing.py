"""Unpacks a package and makes the environment its code runs in."""

import compileall
import json
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marketplace.hosting.environment.folders import HostedFolder
from marketplace.hosting.environment.kit_layer import kit_layer
from marketplace.hosting.sandbox.places import KIT
from marketplace.package.archive import read_archive
from marketplace.package.limits import CODE, REQUIREMENTS
from marketplace.package.requirements import Requirements, RequirementsUnfit, read_requirements

_SECONDS: Final = 600
_MOST_TEXT: Final = 1_000
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR")
_INDEX: Final = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


class PreparingFailed(Exception):
    """The package can't be made to run; the message is for whoever published it."""


@dataclass(frozen=True, slots=True)
class Preparer:
    """Attributes:
    wheels: a folder whose wheels are all that may be installed; None asks pip's index.
    """

    wheels: Path | None = None

    def prepare(self, folder: HostedFolder, archive: bytes) -> None:
        """Does nothing where it was done before with the same interpreter and kit; takes as long as packages take.

        Raises:
            PreparingFailed: see there.
        """
        layer = kit_layer(folder.base)
        made_of = json.dumps({"digest": folder.digest, "python": sys.version, "layer": layer.name})
        if folder.ready.is_file() and folder.ready.read_text(encoding="utf-8") == made_of:
            return
        folder.ready.unlink(missing_ok=True)
        files = read_archive(archive)
        try:
            requirements = read_requirements(files.get(REQUIREMENTS, b"").decode("utf-8"))
        except (RequirementsUnfit, UnicodeDecodeError) as error:
            raise PreparingFailed(str(error)) from error
        _unpack(folder, files)
        _make_environment(folder.venv, layer)
        if requirements.lines:
            self._install(folder, requirements)
        for opened in (folder.code, folder.venv):
            _open_to_all(opened)
        folder.ready.write_text(made_of, encoding="utf-8")

    def _install(self, folder: HostedFolder, requirements: Requirements) -> None:
        """Wheels alone: nothing of a package is run before it stands in its process without rights."""
        listed = folder.place / "requirements.txt"
        listed.write_text(requirements.text, encoding="utf-8")
        command = [sys.executable, "-m", "pip", "--python", str(folder.venv / "bin" / "python"), "install"]
        command += ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
        command += ["--only-binary", ":all:", "--no-cache-dir", "-r", str(listed)]
        command += ["--no-index", "--find-links", str(self.wheels)] if self.wheels is not None else []
        passed = {name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_INDEX)}
        try:
            ran = subprocess.run(  # noqa: S603  our own program
                command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=passed
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PreparingFailed(f"its requirements can't be installed: {error}") from error
        if ran.returncode:
            raise PreparingFailed(f"its requirements can't be installed: {ran.stderr.strip()[-_MOST_TEXT:]}")
        compileall.compile_dir(folder.venv / "lib", quiet=2)


def _unpack(folder: HostedFolder, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder.code, ignore_errors=True)
    for name, content in files.items():
        if name.startswith(CODE):
            target = folder.code / name
            target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            target.write_bytes(content)
    compileall.compile_dir(folder.code, quiet=2)
    for made in (folder.root, folder.data):
        made.mkdir(mode=0o700, exist_ok=True)


def _make_environment(place: Path, layer: Path) -> None:
    """Its own packages come first; those of the kit stand behind them, in the layer all plugins share."""
    shutil.rmtree(place, ignore_errors=True)
    venv.EnvBuilder(symlinks=True, with_pip=False).create(place)
    packages = next((place / "lib").glob("python*")) / "site-packages"
    (packages / "kit.pth").write_text(f"{KIT}\n{layer}\n", encoding="utf-8")


def _open_to_all(folder: Path) -> None:
    """Its process has a user of its own, which must read what ours wrote, whatever the umask."""
    for place, _, names in os.walk(folder):
        Path(place).chmod(0o755)
        for name in names:
            file = Path(place, name)
            if not file.is_symlink():
                file.chmod(0o644 | (file.stat().st_mode & 0o111))

"""Compiles the modules of the hot road with mypyc, into a folder beside the sources; see scripts/compile."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / ".setup" / "compiled"
PACKAGES = ("gateway", "kernel")
MODULES = (
    "gateway/dataplane/access_log.py",
    "gateway/dataplane/answer.py",
    "gateway/dataplane/app.py",
    "gateway/dataplane/call.py",
    "gateway/dataplane/counters.py",
    "gateway/dataplane/deadline.py",
    "gateway/dataplane/debugging.py",
    "gateway/dataplane/exchange.py",
    "gateway/dataplane/followed_exchange.py",
    "gateway/dataplane/gateway_door.py",
    "gateway/dataplane/headers.py",
    "gateway/dataplane/journey.py",
    "gateway/dataplane/kept_exchange.py",
    "gateway/dataplane/limits/admission.py",
    "gateway/dataplane/limits/gauges.py",
    "gateway/dataplane/limits/limits.py",
    "gateway/dataplane/limits/meters.py",
    "gateway/dataplane/lookup.py",
    "gateway/dataplane/own_calls.py",
    "gateway/dataplane/plan.py",
    "gateway/dataplane/query.py",
    "gateway/dataplane/recursion.py",
    "gateway/dataplane/request_ids.py",
    "gateway/dataplane/road.py",
    "gateway/dataplane/server.py",
    "gateway/dataplane/steps/authorise.py",
    "gateway/dataplane/steps/identify.py",
    "gateway/dataplane/steps/limit.py",
    "gateway/dataplane/steps/sign.py",
    "gateway/dataplane/strict_head.py",
    "gateway/dataplane/upstream/failures.py",
    "gateway/dataplane/upstream/sending.py",
    "gateway/dataplane/usage.py",
    "gateway/policies/states/shares.py",
    "gateway/policies/states/windows.py",
    "gateway/snapshot/model/apps.py",
    "gateway/snapshot/model/keys.py",
    "gateway/snapshot/model/matching.py",
    "gateway/snapshot/model/planned.py",
    "gateway/snapshot/model/routes.py",
    "gateway/snapshot/model/snapshot.py",
    "gateway/wire/codes.py",
    "gateway/wire/refusal.py",
    "kernel/transport/client.py",
    "kernel/transport/coalescing.py",
    "kernel/transport/connection.py",
    "kernel/transport/origin.py",
    "kernel/transport/pool.py",
    "kernel/transport/request.py",
    "kernel/transport/response.py",
)
_BUILD = """
from mypyc.build import mypycify
from setuptools import setup
import sys
modules, sys.argv = sys.argv[1:], ["setup.py", "build_ext", "--inplace"]
setup(name="road", packages=[], ext_modules=mypycify(["--config-file=mypy.ini", *modules], opt_level="3"))
"""
_CONFIG = "[mypy]\nignore_missing_imports = true\nexplicit_package_bases = true\n"


def main() -> int:
    stamp = TARGET / "stamp"
    digest = _digest()
    if stamp.exists() and stamp.read_text() == digest:
        return 0
    shutil.rmtree(TARGET, ignore_errors=True)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, TARGET / package, ignore=shutil.ignore_patterns("__pycache__"))
    (TARGET / "mypy.ini").write_text(_CONFIG)
    build = subprocess.run(  # noqa: S603 - our own interpreter on our own sources
        [sys.executable, "-c", _BUILD, *MODULES], cwd=TARGET, check=False, capture_output=True, text=True
    )
    if build.returncode:
        shutil.rmtree(TARGET)
        sys.stderr.write(build.stdout[-2000:] + build.stderr[-2000:])
        return 1
    shutil.rmtree(TARGET / "build")
    stamp.write_text(digest)
    return 0


def _digest() -> str:
    """Of all that is compiled or stands beside it, of how, and of the interpreter."""
    digest = hashlib.sha256(sys.version.encode() + Path(__file__).read_bytes())
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())

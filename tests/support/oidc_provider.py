"""A foreign identity provider: npm oidc-provider on the loopback."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PEERS = Path(__file__).parents[1] / "peers"
CLIENT = {"client_id": "trunkline", "client_secret": "s3cret & more"}


@dataclass(frozen=True, slots=True)
class ForeignProvider:
    issuer: str

    def next_person(self, sub: str, **claims: Any) -> None:
        """Whoever goes through the provider's page from now on is this one."""
        httpx.post(f"{self.issuer}/people", json={"sub": sub, "claims": claims}).raise_for_status()

    def answer_to(self, address: str) -> str:
        """Goes through the provider's page as a browser does; where it leads back to."""
        with httpx.Client() as browser:
            for _ in range(6):
                answer = browser.get(address)
                address = str(answer.next_request.url) if answer.next_request is not None else ""
                if not address.startswith(self.issuer):
                    assert address, answer.text
                    return address
        raise AssertionError("the provider leads nowhere")


@contextmanager
def foreign_provider(redirect_uri: str) -> Iterator[ForeignProvider]:
    """Serves until the block ends."""
    _install()
    settings = json.dumps({**CLIENT, "redirect_uris": [redirect_uri]})
    with subprocess.Popen(
        [_program("node"), "oidc_provider.mjs", settings],
        cwd=PEERS,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip()
            assert issuer.startswith("http://127.0.0.1:"), issuer
            yield ForeignProvider(issuer)
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # the program starts another, which does the work


def _install() -> None:
    """Once, whichever test process comes first."""
    setup = PEERS.parents[1] / ".setup"
    setup.mkdir(exist_ok=True)
    with (setup / "peers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (PEERS / "node_modules/oidc-provider/package.json").is_file():
            subprocess.run(
                [_program("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=PEERS,
                check=True,
                env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            )


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)

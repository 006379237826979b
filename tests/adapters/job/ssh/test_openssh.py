"""The same against OpenSSH's own server."""

import asyncio
import getpass
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from kernel.settings import Settings
from tests.adapters.job.conftest import SCOPE, Jobs
from tests.adapters.job.ssh.conftest import is_running, results
from tests.adapters.kinds import one_database
from tests.support.server import free_port
from tests.support.ssh import CLIENT_KEY

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
HERE = {"ip_list": [{"ip": "127.0.0.1"}]}

pytestmark = [one_database, pytest.mark.usefixtures("_separated")]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"job_local_hosts": (), "job_networks": ("127.0.0.0/8",)})


@pytest.fixture
def _separated() -> None:
    """Where a server of root wants an empty folder: a service's start makes it, and ours is none."""
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)


@pytest.fixture
async def known(jobs: Jobs, tmp_path: Path) -> AsyncIterator[Jobs]:
    """A job system with an account on an OpenSSH server that it knows."""
    assert SSHD is not None, (
        "OpenSSH's server is not installed: scripts/test does it as root, or the package openssh-server"
    )
    port, host_key = free_port(), asyncssh.generate_private_key("ssh-ed25519")
    for name, content in (
        ("host_key", host_key.export_private_key("openssh")),
        ("authorized", CLIENT_KEY.export_public_key("openssh")),
    ):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    (tmp_path / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host_key\nAuthorizedKeysFile {tmp_path}/authorized\n"
        "StrictModes no\nPidFile none\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"
    )
    server = await asyncio.create_subprocess_exec(
        SSHD, "-D", "-e", "-f", str(tmp_path / "sshd_config"), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _answers(port)
        private = CLIENT_KEY.export_private_key("openssh").decode()
        account = {"alias": "deploy", "account": getpass.getuser(), "port": port, "private_key": private}
        await jobs.gateway.data("create_account", {**SCOPE, **account})
        public = host_key.export_public_key("openssh").decode()
        await jobs.gateway.data("accept_host_key", {"ip": "127.0.0.1", "port": port, "public_key": public})
        yield jobs
    finally:
        server.terminate()
        await server.wait()


async def _answers(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        await writer.wait_closed()
        return
    raise AssertionError("sshd never listened")


async def test_a_script_runs_and_a_process_it_leaves_does_not_hold_it(known: Jobs, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {pid}; echo hello; echo trouble >&2; exit 3"
    executed = await known.execute(script, account_alias="deploy", target_server=HERE)
    host = results(await known.ended(executed))["127.0.0.1"]
    os.kill(int(pid.read_text()), 9)
    assert (host["status"], host["exit_code"]) == (11, 3)
    assert (await known.log(executed))["log_content"] == "hello\ntrouble\n"


async def test_much_output_is_heard_to_its_end(known: Jobs) -> None:
    script = "yes 1234567 | head -c 30000000; echo last"
    executed = await known.execute(script, account_alias="deploy", target_server=HERE)
    assert (await known.ended(executed))["job_instance"]["status"] == 3
    log = (await known.log(executed))["log_content"]
    assert log.startswith(f"[{30_000_005 - 2**20} bytes left out]\n")
    assert log.endswith("1234567\nlast\n")


async def test_a_script_past_its_timeout_is_ended_with_all_its_children(known: Jobs, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 600 & echo $! $$ > {pids}; wait; sleep 600"
    executed = await known.execute(script, account_alias="deploy", target_server=HERE, timeout=2)
    host = results(await known.ended(executed))["127.0.0.1"]
    assert (host["status"], host["error_code"]) == (11, 2)
    for pid in pids.read_text().split():
        assert not is_running(int(pid))


async def test_files_are_put_and_replaced(known: Jobs, tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(bytes(range(256)) * 9000)
    source = {"file_list": [str(tmp_path / "app")], "account": {"alias": "deploy"}, "server": HERE}
    asked = {
        **SCOPE,
        "file_source_list": [source],
        "file_target_path": str(tmp_path / "to"),
        "account_alias": "deploy",
        "target_server": HERE,
    }
    for _ in range(2):
        status = await known.ended(await known.gateway.data("fast_transfer_file", asked))
        assert status["job_instance"]["status"] == 3, status
    assert (tmp_path / "to" / "app").read_bytes() == (tmp_path / "app").read_bytes()
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["app"]

"""What BlueKing's clients meet: a server process with its systems, and a gateway `bk-demo` with a backend."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.backend import Backend, serving_backend
from tests.support.forking import Nursery
from tests.support.server import Api, ServerProcess, free_port, migrated
from tests.support.stand import approved_grant, fetch_token, import_system
from trunkline.demo.mailbox import Mailbox

DEMO = {
    "openapi": "3.0.3",
    "info": {"title": "Demo", "version": "1"},
    "paths": {
        "/hosts/": {"post": {"operationId": "create_host"}},
        "/hosts/{host_id}/": {"get": {"operationId": "get_host"}},
    },
}

# The clients look for Django's settings where Django is installed; an empty set keeps them at their defaults.
if not settings.configured:
    settings.configure()


@dataclass(frozen=True, slots=True)
class Site:
    """Attributes:
    token: an access token of the app `caller`, which may call `cmdb`, `notify` and `bk-demo` and nothing else.
    mailbox: what the notification system's mail goes to.
    """

    server: ServerProcess
    backend: Backend
    api: Api
    app_code: str
    app_secret: str
    token: str
    mailbox: Mailbox

    @property
    def url(self) -> str:
        return self.server.url


@pytest.fixture(scope="package")
def running_site(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path) -> Iterator[Site]:
    mailbox = Mailbox(free_port())
    mailbox.start()
    with serving_backend() as backend:
        port = free_port()
        origins = f"{backend.url},http://127.0.0.1:{port}"
        settings = {
            "TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS": origins,
            "TRUNKLINE_SMTP_PORT": str(mailbox.port),
            "TRUNKLINE_JOB_LOCAL_HOSTS": "own",
        }
        data = migrated(tmp_path_factory.mktemp("blueking") / "data", sqlite_template)
        server = ServerProcess(data, port, settings, nursery=nursery)
        server.start()
        api = server.admin()
        for name in ("cmdb", "job", "notify", "sops"):
            import_system(server, api, name)
        demo = {"document": DEMO, "name": "bk-demo", "upstream_url": f"{backend.url}/demo", "signing": "jwt"}
        api.until_live(api.post("/systems:import", demo))
        secret = api.post("/apps", {"app_code": "caller", "name": "Caller"})["app_secret"]
        for system in ("cmdb", "notify", "bk-demo"):
            approved_grant(api, "caller", system)
        yield Site(server, backend, api, "caller", secret, fetch_token(server.url, "caller", secret), mailbox)
        api.close()
        # uvicorn ends by the signal it was told to stop with, once it has shut down in order.
        assert server.stop() in {0, -signal.SIGTERM}
    mailbox.stop()


@pytest.fixture
def site(running_site: Site) -> Site:
    running_site.backend.reset()
    running_site.mailbox.messages.clear()
    return running_site

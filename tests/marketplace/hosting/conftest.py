import shutil
from pathlib import Path

import pytest

from kernel.settings import Settings
from marketplace.hosting.isolation import Isolation, find_isolation
from marketplace.hosting.settings import HostingSettings, hosting_settings
from tests.support.hosted_plugin import hosted_package


@pytest.fixture(scope="session")
def isolation() -> Isolation:
    """What this machine enforces."""
    return find_isolation()


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return hosted_package(tmp_path_factory.mktemp("package") / "greet")


@pytest.fixture(scope="module")
def hosting(tmp_path_factory: pytest.TempPathFactory) -> HostingSettings:
    """Relaxed, so that what is told of a machine can be looked at on all of them."""
    place: Path = tmp_path_factory.mktemp("hosting")
    shutil.rmtree(place / "plugins", ignore_errors=True)
    return hosting_settings(Settings(data_dir=place, plugin_isolation="relaxed"))

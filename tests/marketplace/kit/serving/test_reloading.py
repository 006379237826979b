import os
from collections.abc import Callable
from pathlib import Path

import pytest
from uvicorn import Config

from trunkline_plugin.serving.reloading import Reloader


class Started:
    """Processes that only note what they would have read; in the middle of their start somebody may write."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.meanwhile: Callable[[], object] = lambda: None
        self.count = 0
        monkeypatch.setattr("uvicorn.supervisors.basereload.get_subprocess", lambda **_: self)
        monkeypatch.setattr("uvicorn.supervisors.basereload.signal.signal", lambda *_: None)
        config = Config("nothing", reload=True, reload_dirs=[str(folder)], reload_delay=0.001, log_config=None)
        self.reloader = Reloader(config, lambda _sockets: None, [])

    def start(self) -> None:
        self.count += 1
        self.meanwhile()

    def terminate(self) -> None: ...

    def join(self) -> None: ...

    def changed(self) -> list[str]:
        return sorted(path.name for path in self.reloader.should_restart() or ())


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    (tmp_path / "meta.py").write_text("a")
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms/form.js").write_text("b")
    return Started(monkeypatch, tmp_path)


def test_what_is_changed_while_the_process_starts_is_noticed(started: Started, tmp_path: Path) -> None:
    started.meanwhile = lambda: os.utime(tmp_path / "meta.py", (1, 1))
    started.reloader.startup()
    assert started.changed() == ["meta.py"]


def test_what_is_changed_while_it_starts_again_is_noticed(started: Started, tmp_path: Path) -> None:
    started.reloader.startup()
    assert started.changed() == []
    started.meanwhile = lambda: os.utime(tmp_path / "forms/form.js", (1, 1))
    started.reloader.restart()
    assert started.changed() == ["form.js"]
    started.meanwhile = lambda: None
    started.reloader.restart()
    assert started.changed() == []
    assert started.count == 3


def test_files_that_come_and_go_are_noticed_and_others_are_not(started: Started, tmp_path: Path) -> None:
    started.reloader.startup()
    (tmp_path / "notes.md").write_text("c")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/module.py").write_text("d")
    assert started.changed() == []
    (tmp_path / "forms/form.js").unlink()
    (tmp_path / "v2.py").write_text("e")
    assert started.changed() == ["form.js", "v2.py"]

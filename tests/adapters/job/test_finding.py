"""Which files a path means."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.job.service.files.finding import Entry, Kind, OnThisMachine, PatternWrong, check, find, is_plain

TREE = ("app/a.log", "app/b.log", "app/.hidden.log", "app/deep/c.log", "app/deep/er/d.txt", "web/a.log", "web/x.txt")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "app" / "link.log").symlink_to(tmp_path / "web" / "a.log")
    (tmp_path / "app" / "loop").symlink_to(tmp_path / "app")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("app/a.log", ["a.log"]),
        ("app/gone.log", ["gone.log"]),
        (
            "app/",
            ["app/.hidden.log", "app/a.log", "app/b.log", "app/deep/c.log", "app/deep/er/d.txt", "app/link.log"],
        ),
        ("app/*.log", ["a.log", "b.log", "link.log"]),
        ("app/.*.log", [".hidden.log"]),
        ("*/a.log", ["a.log", "a.log"]),
        ("app/[ab].l?g", ["a.log", "b.log"]),
        ("app/REGEX:[a-z]\\.log", ["a.log", "b.log"]),
        ("*/deep/", ["deep/c.log", "deep/er/d.txt"]),
    ],
)
async def test_a_path_means_a_file_a_folder_or_what_fits(tree: Path, path: str, names: list[str]) -> None:
    found = await find(OnThisMachine(), f"{tree}/{path}")
    assert sorted(one.name for one in found) == names
    assert all(Path(one.path).name == Path(one.name).name for one in found)


@pytest.mark.parametrize("path", ["app/*.tar", "gone/", "app/REGEX:x.*", "app/a.log/", "gone/*"])
async def test_where_nothing_is_that_is_an_error(tree: Path, path: str) -> None:
    with pytest.raises(OSError, match=r"no file is there|No such|Not a directory"):
        await find(OnThisMachine(), f"{tree}/{path}")


class Liar:
    def __init__(self, name: str) -> None:
        self._name = name

    async def entries(self, folder: str) -> Sequence[Entry]:
        return [Entry(self._name, Kind.FILE)] if folder == "/srv" else []


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "..", "a/b", "", "a\0b", "\udcff"])
async def test_a_host_that_tells_names_which_lead_elsewhere_is_not_believed(name: str) -> None:
    with pytest.raises(OSError, match="holds a name that"):
        await find(Liar(name), "/srv/")


def test_an_expression_that_could_be_slow_is_refused() -> None:
    with pytest.raises(PatternWrong):
        check("/srv/REGEX:(a)\\1")
    assert is_plain("/srv/app.tar")
    assert not is_plain("/srv/*.tar")

"""How the files of tests are shared out among the processes of a run."""

from typing import Final

from xdist.scheduler import LoadFileScheduling

_BROWSERS: Final = "tests/browser/"


class OneBrowser(LoadFileScheduling):
    """Whole files, one after the other to whoever has time; all that look at the console to one process.

    Browsers side by side leave each other and the servers behind them no time, and a page that is late shows what no
    test waits for. One beside other work has enough.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _BROWSERS if nodeid.startswith(_BROWSERS) else super()._split_scope(nodeid)

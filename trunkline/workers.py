"""The processes that share a port, and the one that starts them and starts another for each that ends."""

from functools import cached_property

import uvicorn
from uvicorn.supervisors import multiprocess
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from trunkline.listening import ListeningServer


def serve_by_several(config: uvicorn.Config) -> None:
    """Returns when all of `config.workers` processes have ended, after this one was told to."""
    Workers(config, sockets=[config.bind_socket()]).run()


class ListeningProcess(Process):
    """One whose server tells the data plane while it listens."""

    @cached_property
    def server(self) -> uvicorn.Server:
        return ListeningServer(self.config)


class Workers(Multiprocess):
    """Uvicorn's, that notices at once when a process ends while it is asked whether it lives.

    This process keeps the end of the pipe that the other one answers by. As long as it does, the pipe of a process that
    is killed between question and answer stays open: for the whole time a busy one has to answer nobody would be
    started in its place, and nobody told to end.
    """

    def init_processes(self) -> None:
        # Uvicorn's own methods start others, in place of those that ended, and ask nobody of which kind.
        multiprocess.Process = ListeningProcess  # type: ignore[misc]  # a class of that kind
        for _ in range(self.processes_num):
            process = ListeningProcess(self.config, self.sockets)
            process.start()
            process.child_conn.close()
            self.processes.append(process)

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        for process in self.processes:
            process.child_conn.close()

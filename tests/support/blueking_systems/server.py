"""BK-CMDB, BK-JOB, BK-CMSI and Standard OPS behind an ESB and a gateway, as small as the contract's cases need them.

It takes nothing that BlueKing's documents don't have: what was sent otherwise stands in `faults`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.backend import BackendRequest, serving_http
from tests.support.blueking_systems.documented import Undocumented
from tests.support.blueking_systems.doors import Asked, believed, told, understand
from tests.support.blueking_systems.flows import Flows
from tests.support.blueking_systems.inventory import Inventory
from tests.support.blueking_systems.jobs import Jobs
from tests.support.blueking_systems.messages import Messages
from tests.support.blueking_systems.refusal import Refused

_FAULT = 1199000


@dataclass
class BlueKing:
    """Attributes:
    public_keys: of the tokens each system believes, PEM.
    callers: system and whom each believed call was made for.
    faults: requests that are not as documented.
    """

    url: str = ""
    inventory: Inventory = field(default_factory=Inventory)
    jobs: Jobs = field(default_factory=Jobs)
    messages: Messages = field(default_factory=Messages)
    flows: Flows = field(default_factory=Flows)
    public_keys: dict[str, str] = field(default_factory=dict)
    callers: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def renew(self) -> None:
        self.inventory, self.jobs, self.messages, self.flows = Inventory(), Jobs(), Messages(), Flows()
        self.callers.clear()
        self.faults.clear()

    def answer(self, request: BackendRequest) -> tuple[int, dict[str, Any]]:
        asked: Asked | None = None
        try:
            asked = understand(request)
            self.callers.append((asked.system, believed(request, asked, self.public_keys)))
            systems = {"cmdb": self.inventory, "job": self.jobs, "notify": self.messages, "sops": self.flows}
            return told(asked, systems[asked.system].answer(asked.component, asked.params))
        except Undocumented as fault:
            self.faults.append(f"{request.method} {request.target}: {fault}")
            return told(asked, Refused(_FAULT, str(fault)))
        except Refused as refused:
            return told(asked, refused)


@contextmanager
def serving_blueking() -> Iterator[BlueKing]:
    blueking = BlueKing()

    def answer(request: BackendRequest) -> tuple[int, str, bytes]:
        status, told_back = blueking.answer(request)
        return status, "application/json", json.dumps(told_back).encode()

    with serving_http(answer) as url:
        blueking.url = url
        yield blueking

"""Hosts that answer SSH in given networks, with the facts they tell of themselves."""

import asyncio
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncssh

from adapters.cmdb.service.imports.rows import RowProblem
from adapters.cmdb.service.imports.sources.facts import LONGEST_ANSWER, SCRIPT, properties_of, read_facts
from adapters.cmdb.service.imports.sources.host_keys import HostKeys, Meeting
from adapters.cmdb.service.imports.sources.models import ImportSource
from adapters.cmdb.service.imports.sources.reading import SourceFailed, SourceRows
from adapters.cmdb.service.imports.sources.schemas import Secret, SweepSettings
from adapters.cmdb.service.imports.values import ADDRESS, AREA, KnownAttribute, host_row
from kernel.transport.addresses import AddressPolicy
from kernel.transport.origin import Origin

_AT_ONCE: Final = 64
_CONNECT_SECONDS: Final = 5.0
_LOGIN_SECONDS: Final = 15.0
_FACTS_SECONDS: Final = 30.0
_SAMPLE: Final = 64


@dataclass(frozen=True, slots=True)
class _Answer:
    """Attributes:
    facts: none when nobody answers at the address; `problem`: why one who does tells none.
    """

    address: str
    facts: dict[str, str] | None = None
    problem: RowProblem | None = None


class SweepReader:
    """Args:
    policy: which addresses may be dialled: public ones, and networks an operator listed.
    """

    def __init__(self, policy: AddressPolicy, keys: HostKeys) -> None:
        self._policy = policy
        self._keys = keys

    async def read(
        self, source: ImportSource, secret: Secret, known: dict[str, KnownAttribute], *, sample: bool
    ) -> SourceRows:
        """See `SourceReader`. An address where nobody answers is no host, and no problem."""
        settings = SweepSettings.model_validate(source.settings)
        addresses = self._addresses(settings)
        swept = addresses[:_SAMPLE] if sample else addresses
        turns = asyncio.Semaphore(_AT_ONCE)
        login = _Login(settings, _key(secret), secret.password)

        async def asked(number: int, address: str) -> _Answer:
            async with turns:
                return await self._ask(source, login, number, address)

        answers = await asyncio.gather(*(asked(number, each) for number, each in enumerate(swept, start=1)))
        return _rows(answers, settings, known, partial=len(swept) < len(addresses))

    def _addresses(self, settings: SweepSettings) -> list[str]:
        found: dict[str, None] = {}
        for text in settings.addresses:
            network = ipaddress.ip_network(text)
            for address in network.hosts() if network.num_addresses > 1 else (network.network_address,):
                if not self._policy.permits(Origin("ssh", str(address), settings.port), address):
                    raise SourceFailed(
                        f"{address} may not be dialled; an operator lists its network in TRUNKLINE_JOB_NETWORKS"
                    )
                found[str(address)] = None
        return list(found)

    async def _ask(self, source: ImportSource, login: "_Login", number: int, address: str) -> _Answer:
        meeting = await self._keys.meeting(source, login.settings, address)
        try:
            async with await login.connect(address, meeting) as connection:
                await self._keys.met(source, address, meeting)
                output = await _told(connection)
        except asyncssh.HostKeyNotVerifiable:
            return _Answer(address, problem=RowProblem(number, ADDRESS, f"{address} {meeting.reason}", meeting.remedy))
        except asyncssh.PermissionDenied:
            remedy = "put the source's key or password there"
            problem = RowProblem(number, ADDRESS, f"{address} does not let {login.settings.username} in", remedy)
            return _Answer(address, problem=problem)
        except (OSError, TimeoutError, asyncssh.Error):
            return _Answer(address)
        return _Answer(address, read_facts(output))


@dataclass(frozen=True, slots=True)
class _Login:
    settings: SweepSettings
    key: asyncssh.SSHKey | None
    password: str

    async def connect(self, address: str, meeting: Meeting) -> asyncssh.SSHClientConnection:
        connection, _ = await asyncssh.create_connection(
            lambda: meeting,
            address,
            self.settings.port,
            # Nothing of the server's own user takes part: no configuration, keys, agent or known hosts of his.
            config=None,
            agent_path=None,
            client_keys=[self.key] if self.key is not None else None,
            known_hosts=(list(meeting.trusted), [], []),
            username=self.settings.username,
            password=self.password or None,
            preferred_auth="publickey" if self.key is not None else "password,keyboard-interactive",
            connect_timeout=_CONNECT_SECONDS,
            login_timeout=_LOGIN_SECONDS,
        )
        return connection


async def _told(connection: asyncssh.SSHClientConnection) -> str:
    """What the script says, as far as it is read: a host may say anything, for ever."""
    async with (
        asyncio.timeout(_FACTS_SECONDS),
        connection.create_process("exec sh", encoding="utf-8", errors="replace") as process,
    ):
        process.stdin.write(SCRIPT)
        process.stdin.write_eof()
        output = ""
        while len(output) < LONGEST_ANSWER and (more := await process.stdout.read(LONGEST_ANSWER)):
            output += more
        process.close()
        return output


def _key(secret: Secret) -> asyncssh.SSHKey | None:
    if not secret.private_key:
        return None
    try:
        return asyncssh.import_private_key(secret.private_key, secret.passphrase or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        raise SourceFailed("The private key can't be read, or not with this passphrase") from None


def _rows(
    answers: Sequence[_Answer], settings: SweepSettings, known: dict[str, KnownAttribute], *, partial: bool
) -> SourceRows:
    """A machine that answers at several addresses is one host, at the first of them."""
    found, machines = SourceRows(partial=partial), dict[str, str]()
    for number, answer in enumerate(answers, start=1):
        if answer.problem is not None:
            found.problems.append(answer.problem)
        if answer.facts is None:
            continue
        machine = answer.facts.get("machine_id") or answer.address
        if machines.setdefault(machine, answer.address) != answer.address:
            continue
        given = {ADDRESS: answer.address, AREA: settings.bk_cloud_id, **properties_of(answer.facts)}
        row, problems = host_row(number, given, known, external_id=machine[:256])
        found.problems += problems
        if row is not None:
            found.rows.append(row)
    return found

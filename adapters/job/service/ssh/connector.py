"""Connections to hosts: to allowed addresses, by accepted host keys, over the jump hosts of the account."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import asyncssh

from adapters.job.service.accounts.host_keys import host_key
from adapters.job.service.accounts.repository import HostKeyRepository
from adapters.job.service.accounts.secrets import KeyUnreadable
from adapters.job.service.repository import milliseconds
from adapters.job.service.shared import Shared
from adapters.job.service.ssh.agent import agent_keys
from adapters.job.service.ssh.login import Login, Place
from adapters.job.service.states import HostError
from adapters.job.service.together import Together
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from kernel.transport.origin import Origin

_CONNECT_SECONDS = 15.0
_LOGIN_SECONDS = 30.0
_KEEPALIVE_SECONDS = 15
_KEEPALIVES_MISSED = 3
_HANDSHAKES_AT_ONCE = 64
"""More at once only take longer each, since their arithmetic is done by one thread, until they time out."""

_KEYS_READ_AT_ONCE = 200
_CIPHERS = "^aes256-gcm@openssh.com,aes128-gcm@openssh.com"
"""First, before all others: a third less work for short conversations than the library's first choice, ChaCha20."""


class HostRefused(Exception):
    """A host was not reached or did not let us in.

    Attributes:
        error: which of the two, as hosts' results name it.
    """

    def __init__(self, error: HostError, reason: str) -> None:
        super().__init__(reason)
        self.error = error


class Connector:
    """Args:
    policy: which addresses may be dialled, also those behind a jump host.
    """

    def __init__(self, kernel: KernelServices, keys: HostKeyRepository, policy: AddressPolicy) -> None:
        self._database = kernel.database
        self._clock = kernel.clock
        self._keys = keys
        self._policy = policy
        self._reading = Together(self._trusted, _KEYS_READ_AT_ONCE)
        self._handshakes = asyncio.Semaphore(_HANDSHAKES_AT_ONCE)
        self._jumps: Shared[asyncssh.SSHClientConnection] = Shared(lambda connection: connection.is_closed())

    @asynccontextmanager
    async def connected(self, place: Place, login: Login) -> AsyncIterator[asyncssh.SSHClientConnection]:
        """A connection, closed at the end.

        Raises:
            HostRefused: not reached, not let in, or not believed.
        """
        async with AsyncExitStack() as stack:
            tunnel = None
            if login.jump is not None:
                jump = login.jump
                key = (jump.place, jump.login.account_id, jump.login.version)
                opening = self._jumps.used(key, lambda: self._dialled_over(jump.place, jump.login))
                tunnel = await stack.enter_async_context(opening)
            elif place.cloud_id != 0:
                text = f"stands in cloud area {place.cloud_id}, which only an account with a jump host reaches"
                raise HostRefused(HostError.UNREACHABLE, text)
            connection = await self._dialled(place, login, tunnel)
            stack.callback(connection.abort)
            yield connection

    @asynccontextmanager
    async def _dialled_over(self, place: Place, login: Login) -> AsyncIterator[asyncssh.SSHClientConnection]:
        try:
            async with self.connected(place, login) as connection:
                yield connection
        except HostRefused as refusal:
            raise HostRefused(refusal.error, f"jump host {place.ip}: {refusal}") from None

    async def _dialled(
        self, place: Place, login: Login, tunnel: asyncssh.SSHClientConnection | None
    ) -> asyncssh.SSHClientConnection:
        self._check_address(place)
        trusted = await self._reading(place)
        meeting = _Meeting()
        try:
            async with self._handshakes:
                return await _open(place, login, trusted, meeting, tunnel)
        except asyncssh.HostKeyNotVerifiable:
            raise await self._stranger(place, meeting, known=bool(trusted)) from None
        except (asyncssh.PermissionDenied, KeyUnreadable) as error:
            text = f"{login.username} is not let in: {error}"
            raise HostRefused(HostError.LOGIN_REFUSED, text) from None
        except TimeoutError:
            raise HostRefused(HostError.UNREACHABLE, f"{place} did not answer in time") from None
        except (OSError, asyncssh.Error) as error:
            raise HostRefused(HostError.UNREACHABLE, f"{place} can't be reached: {error}") from None

    def _check_address(self, place: Place) -> None:
        try:
            address = ipaddress.ip_address(place.ip)
        except ValueError:
            raise HostRefused(HostError.UNREACHABLE, f"{place.ip} is no address") from None
        if not self._policy.permits(Origin("ssh", place.ip, place.port), address):
            text = f"{place.ip} may not be dialled; an operator lists its network in TRUNKLINE_JOB_NETWORKS"
            raise HostRefused(HostError.UNREACHABLE, text)

    async def _trusted(self, places: Sequence[Place]) -> Sequence[Sequence[asyncssh.SSHKey]]:
        """The accepted keys of each place."""
        async with self._database.reading() as session:
            accepted = await self._keys.accepted(session, {(one.cloud_id, one.ip, one.port) for one in places})
        keys: dict[Place, list[asyncssh.SSHKey]] = {}
        for row in accepted:
            key = asyncssh.import_public_key(row.public_key)
            keys.setdefault(Place(row.bk_cloud_id, row.ip, row.port), []).append(key)
        return [keys.get(place, []) for place in places]

    async def _stranger(self, place: Place, meeting: "_Meeting", *, known: bool) -> HostRefused:
        """Keeps the key of a host that is not believed, for an administrator to look at."""
        if meeting.shown is None:
            return HostRefused(HostError.HOST_KEY, f"{place} shows no key that can be checked")
        fresh = host_key(place.cloud_id, place.ip, place.port, meeting.shown, milliseconds(self._clock.now()))
        async with self._database.unit_of_work() as session:
            await self._keys.forget_seen(session, place.cloud_id, place.ip, place.port)
            session.add(fresh)
        what = "shows another host key than the accepted one" if known else "shows a host key that nobody accepted"
        return HostRefused(HostError.HOST_KEY, f"{place} {what}: {fresh.fingerprint}")


class _Meeting(asyncssh.SSHClient):
    """Remembers the key of a host we don't know, and doesn't believe it."""

    def __init__(self) -> None:
        self.shown: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, _host: str, _addr: str, _port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key
        return False


async def _open(
    place: Place,
    login: Login,
    trusted: Sequence[asyncssh.SSHKey],
    meeting: _Meeting,
    tunnel: asyncssh.SSHClientConnection | None,
) -> asyncssh.SSHClientConnection:
    async with AsyncExitStack() as stack:
        keys = await _keys(login, stack)
        connection, _ = await asyncssh.create_connection(
            lambda: meeting,
            place.ip,
            place.port,
            tunnel=tunnel,
            # Nothing of the server's own user takes part: no configuration, keys, agent or known hosts of his.
            config=None,
            agent_path=None,
            client_keys=keys or None,
            known_hosts=(list(trusted), [], []),
            username=login.username,
            password=login.secrets.password or None,
            encryption_algs=_CIPHERS,
            preferred_auth="publickey" if keys else "password,keyboard-interactive",
            connect_timeout=_CONNECT_SECONDS,
            login_timeout=_LOGIN_SECONDS,
            keepalive_interval=_KEEPALIVE_SECONDS,
            keepalive_count_max=_KEEPALIVES_MISSED,
        )
    return connection


async def _keys(login: Login, stack: AsyncExitStack) -> list[asyncssh.SSHKey | asyncssh.SSHKeyPair]:
    """What signs in; nothing for an account with a password."""
    if login.secrets.agent:
        return list(await agent_keys(login.agent, stack))
    key = login.secrets.key()
    return [] if key is None else [key]

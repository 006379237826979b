"""Tells a caller's address that its job has ended: POST, HTTP 200 is receipt, otherwise one more try."""

import asyncio
import re
import ssl
from collections.abc import Sequence
from functools import cached_property

import httpx
import structlog

from adapters.job.service.models import JobInstance, JobStep
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.settings import Settings
from kernel.transport.errors import InvalidRequest
from kernel.transport.origin import Origin, parse_url

PURPOSE = "job callback"
_TRIES = 2
_PAUSE_SECONDS = 1.0
_TIMEOUT_SECONDS = 10.0
_ADDRESS = re.compile(r"[\x21-\x7e]{1,2000}")
_log = structlog.get_logger()


class CallbackRefused(Exception):
    """The address may not be called; the text says why."""


class CallbackSender:
    """Sends callbacks to origins an operator listed, and to our own."""

    def __init__(self, settings: Settings, secrets: SecretBox) -> None:
        own = (settings.public_url, settings.effective_gateway_url)
        self._allowed = frozenset(parse_url(url)[0] for url in (*settings.allowed_upstream_origins, *own))
        self._secrets = secrets

    def check(self, url: str) -> Origin:
        """Raises:
        CallbackRefused: not an address, or of an origin nobody listed.
        """
        if not _ADDRESS.fullmatch(url):
            raise CallbackRefused("an address has at most 2000 signs, printable ASCII without spaces")
        try:
            origin, _ = parse_url(url)
        except InvalidRequest as error:
            raise CallbackRefused(str(error)) from None
        if origin not in self._allowed:
            raise CallbackRefused(f"{origin} is not listed; an operator lists it in TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS")
        return origin

    async def send(self, instance: JobInstance, steps: Sequence[JobStep]) -> bool:
        """Sends one callback. Whether it was received."""
        try:
            url = self._secrets.open(instance.callback_sealed, PURPOSE).decode()
        except SecretUnreadable as error:
            _log.error("job_callback_unreadable", job_instance_id=instance.job_instance_id, reason=str(error))
            return False
        body = {
            "job_instance_id": instance.job_instance_id,
            "status": instance.status,
            "step_instance_list": [
                {"step_instance_id": step.step_instance_id, "status": step.status} for step in steps
            ],
        }
        async with httpx.AsyncClient(
            timeout=_TIMEOUT_SECONDS, trust_env=False, follow_redirects=False, verify=self._authorities
        ) as client:
            for attempt in range(_TRIES):
                if attempt:
                    await asyncio.sleep(_PAUSE_SECONDS)
                if await self._post(client, url, body, instance.job_instance_id):
                    return True
        return False

    @cached_property
    def _authorities(self) -> ssl.SSLContext:
        """Those that are trusted; to read them takes longer than a call, and nothing else goes on meanwhile."""
        return httpx.create_ssl_context(trust_env=False)

    async def _post(self, client: httpx.AsyncClient, url: str, body: dict[str, object], instance_id: int) -> bool:
        try:
            origin = self.check(url)
            answer = await client.post(url, json=body)
        except (CallbackRefused, httpx.HTTPError, httpx.InvalidURL) as error:
            _log.warning("job_callback_failed", job_instance_id=instance_id, reason=type(error).__name__)
            return False
        if not answer.is_success:
            _log.warning(
                "job_callback_refused", job_instance_id=instance_id, origin=str(origin), status=answer.status_code
            )
        return answer.is_success

"""The door of webhooks: nobody signs in there, the trigger's secret is the credential.

Beneath a signature (https://www.standardwebhooks.com) lie the message's id, its time and its body to the byte: none can
be changed, and a message that is sent again within the time a signature holds starts nothing new.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Invalid, NotAuthenticated
from kernel.forms.data import validate_data
from kernel.ids import new_id
from kernel.json_input import read_json
from kernel.secrets import SecretBox
from kernel.signing.errors import SignatureInvalid
from kernel.signing.standard_webhooks import verify
from orchestrator.triggers import repository
from orchestrator.triggers.errors import CalledTooOften, CallRefused, TriggerOff
from orchestrator.triggers.firing import REFUSED, TriggerFiring
from orchestrator.triggers.models import Trigger
from orchestrator.triggers.repository import WEBHOOK
from orchestrator.triggers.service import SECRET_PURPOSE

_LONGEST_ID: Final = 200
_MINUTE: Final = timedelta(minutes=1)
_UNKNOWN: Final = "There is no such address, or the credential is not its own"


@dataclass(frozen=True, slots=True)
class Knock:
    """A call as it came.

    Attributes:
        headers: by lower-case name. A bearer names his message by `idempotency-key`; a signature names it itself.
    """

    trigger_id: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


class HookDoor:
    def __init__(self, database: Database, firing: TriggerFiring, secrets: SecretBox, clock: Clock) -> None:
        self._database = database
        self._firing = firing
        self._secrets = secrets
        self._clock = clock

    async def receive(self, knock: Knock) -> str | None:
        """Starts a task of what was sent, or tells tasks of it.

        Returns:
            The task's id; none when tasks were told, or the condition does not let it through.

        Raises:
            NotAuthenticated: no such trigger, or not its secret; the answer does not tell which.
            TriggerOff: it is switched off.
            Invalid, BadRequest: what was sent is no JSON, or does not fit the trigger's schema.
            CalledTooOften: more often than it takes.
            CallRefused: no task could be started, or none be told.
        """
        async with self._database.reading() as session:
            trigger = await repository.find_trigger(session, knock.trigger_id)
        key = self._authenticated(trigger, knock)
        if trigger is None or not trigger.enabled:
            raise TriggerOff("This trigger is switched off")
        payload = _fitting(trigger, read_json(knock.body))
        async with self._database.unit_of_work() as session:
            held = await repository.find_trigger(session, knock.trigger_id, lock=True)
            if held is None or not held.enabled:
                raise TriggerOff("This trigger is switched off")
            earlier = await repository.find_run(session, held.id, key)
            if earlier is None:
                recent = await repository.count_runs_since(session, held.id, self._clock.now() - _MINUTE)
                if recent >= held.per_minute:
                    raise CalledTooOften(
                        f"This trigger has been called as often as it may within a minute ({held.per_minute})",
                        headers={"Retry-After": "60"},
                    )
            run = await self._firing.fire(session, held, key, {"payload": payload}, again=True)
        if run is not None and run.outcome == REFUSED:
            raise CallRefused(run.reason)
        return run.task_id if run is not None else None

    def _authenticated(self, trigger: Trigger | None, knock: Knock) -> str:
        """What names the message. Raises NotAuthenticated."""
        if trigger is None or trigger.kind != WEBHOOK:
            raise NotAuthenticated(_UNKNOWN)
        secret = self._secrets.open(trigger.sealed_secret, SECRET_PURPOSE).decode()
        if trigger.authentication == "bearer":
            given = knock.header("authorization").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), secret.encode()):
                raise NotAuthenticated(_UNKNOWN)
            return f"key:{knock.header('idempotency-key') or new_id()}"
        message_id = knock.header("webhook-id")
        if not 0 < len(message_id) <= _LONGEST_ID:
            raise NotAuthenticated(_UNKNOWN)
        try:
            verify(
                secret,
                message_id,
                knock.header("webhook-timestamp"),
                knock.header("webhook-signature"),
                knock.body,
                self._clock.now().timestamp(),
            )
        except SignatureInvalid:
            raise NotAuthenticated(_UNKNOWN) from None
        return f"id:{message_id}"


def _fitting(trigger: Trigger, payload: Any) -> Any:
    if trigger.payload_schema is None:
        return payload
    problems = validate_data(trigger.payload_schema, payload, "/payload")
    if problems:
        listed = "; ".join(f"{problem.field} {problem.problem}" for problem in problems[:5])
        raise Invalid(listed, fields=problems)
    return payload

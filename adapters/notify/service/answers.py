"""What a call that asked for messages is answered."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.notify.service.delivery.states import HANDING_OVER, MUTED, WAITING, WRONG
from adapters.notify.service.errors import NOT_DELIVERED
from adapters.notify.service.models import Delivery, Message
from adapters.notify.service.receivers import named
from kernel.envelope import failure, success


def answer_of(messages: Sequence[Message], deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """A failure when any receiver will not get the message; who still waits for another attempt is no failure."""
    kinds = {message.id: message.msg_type for message in messages}
    data = {
        "message_id": messages[0].id,
        "message_ids": [message.id for message in messages],
        "is_settled": not any(one.state in {WAITING, HANDING_OVER} for one in deliveries),
        "username_check": {"invalid": _invalid(deliveries)},
        "deliveries": [_shown(one, kinds) for one in deliveries],
    }
    wrong = [one for one in deliveries if one.state in WRONG]
    if wrong:
        reasons = named(f"{one.receiver} ({one.error})" for one in wrong)
        which = "All" if len(wrong) == len(deliveries) else "Some"
        return failure(NOT_DELIVERED, f"{which} users failed to send message: {reasons}", data)
    later = [one for one in deliveries if one.state in {WAITING, HANDING_OVER}]
    if later:
        reasons = named(f"{one.receiver} ({one.error or 'waits for its turn'})" for one in later)
        return {**success(data), "message": f"Kept, and tried again later: {reasons}"}
    return success(data)


def _invalid(deliveries: Sequence[Delivery]) -> list[str]:
    """Each once, who has no address that may be used."""
    return list(dict.fromkeys(one.receiver for one in deliveries if not one.address and one.state != MUTED))


def _shown(one: Delivery, kinds: Mapping[str, str]) -> dict[str, Any]:
    return {
        "receiver": one.receiver,
        "msg_type": kinds[one.message_id],
        "state": one.state,
        "error": one.error,
    }

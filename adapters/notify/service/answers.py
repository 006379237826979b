"""What a call that asked for messages is answered."""

from collections.abc import Sequence
from typing import Any

from adapters.notify.service.delivery.states import HANDING_OVER, WAITING, WRONG
from adapters.notify.service.errors import NOT_DELIVERED
from adapters.notify.service.models import Delivery
from adapters.notify.service.receivers import named
from kernel.envelope import failure, success


def answer_of(message_id: str, deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """A failure when any receiver will not get the message; who still waits for another attempt is no failure."""
    data = {
        "message_id": message_id,
        "username_check": {"invalid": [one.receiver for one in deliveries if not one.address]},
        "deliveries": [{"receiver": one.receiver, "state": one.state, "error": one.error} for one in deliveries],
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

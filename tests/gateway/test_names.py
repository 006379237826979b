"""What people call things at the gateway can be read."""

from typing import Any

import pytest

from tests.support.management import Management

OVERRIDE = "exe\u202egpj"


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("/v1/projects", {"code": "ops", "name": OVERRIDE}, "name"),
        ("/v1/apps", {"code": "shop", "name": OVERRIDE}, "name"),
        ("/v1/systems", {"name": "stock", "title": OVERRIDE}, "title"),
        ("/v1/users", {"username": "ann", "display_name": OVERRIDE}, "display_name"),
    ],
)
async def test_a_name_that_would_pass_for_another_is_refused(
    management: Management, address: str, body: dict[str, Any], field: str
) -> None:
    refused = await management.client.post(address, json=body)
    assert refused.status_code == 422, refused.text
    told = {each["field"]: (each["code"], each["remedy"]) for each in refused.json()["errors"]}
    assert told[field] == ("name.direction", "Remove the character")

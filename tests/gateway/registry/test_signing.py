"""How a stage's calls are signed: set by whoever manages the system; its secret goes in and never comes out."""

from typing import Any

import pytest
from sqlalchemy import select

from gateway.registry.signing.models import StageSigning
from gateway.snapshot.model.routes import Signing
from kernel.audit.models import AuditRecord
from tests.support.management import Management, document

SIGNING = "/v1/systems/cmdb/stages/prod/signing"
TOKENS = "http://127.0.0.1:9099/oauth/token"

BASIC = {"profile": "basic", "username": "trunkline", "password": "hush hush"}
PROFILES: list[dict[str, Any]] = [
    BASIC,
    {"profile": "bearer", "token": "hush.hush"},
    {"profile": "api-key", "location": "query", "name": "key", "key": "hush hush"},
    {"profile": "bk-hmac", "app_code": "trunkline", "app_secret": "hush hush"},
    {"profile": "bk-app", "app_code": "trunkline", "app_secret": "hush hush", "username": "robot"},
    {
        "profile": "oauth2-client-credentials",
        "token_url": TOKENS,
        "client_id": "trunkline",
        "client_secret": "hush hush",
        "scope": "a b",
    },
]


def served(management: Management) -> Signing:
    return management.holder.current.systems["cmdb"].stages["prod"].settings.signing


async def test_a_stage_begins_with_the_profile_it_was_imported_with(management: Management) -> None:
    await management.import_system(document())
    assert (await management.client.get(SIGNING)).json() == {
        "profile": "http-message-signature",
        "parameters": {},
        "has_secret": False,
    }


@pytest.mark.parametrize("body", PROFILES, ids=lambda body: body["profile"])
async def test_a_profile_with_a_secret_is_served_and_the_secret_never_shown(
    management: Management, body: dict[str, Any]
) -> None:
    await management.import_system(document())
    answer = await management.client.put(SIGNING, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["live"] is True
    signing = served(management)
    (secret,) = (value for value in body.values() if value.startswith("hush"))
    public = {name: value for name, value in body.items() if name != "profile" and value != secret}
    assert (signing.profile, signing.secret) == (body["profile"], secret.encode())
    assert public.items() <= dict(signing.parameters).items()
    shown = (await management.client.get(SIGNING)).json()
    assert shown == answer.json()["signing"]
    assert (shown["profile"], shown["has_secret"]) == (body["profile"], True)
    async with management.kernel.database.reading() as session:
        rows = str([row.model_dump() for row in (await session.execute(select(StageSigning))).scalars()])
        audit = [row.model_dump() for row in (await session.execute(select(AuditRecord))).scalars()]
    told = str(management.holder.current.systems["cmdb"].to_document())
    assert "hush" not in answer.text + repr(signing) + rows + str(audit) + told
    (change,) = (row for row in audit if row["action"] == "signing.changed")
    assert change["before"] == {"stage": "prod", "signing": "http-message-signature"}
    assert (change["after"]["signing"], change["after"]["new_secret"]) == (body["profile"], True)


async def test_a_secret_that_is_left_out_stays_as_long_as_the_profile_does(management: Management) -> None:
    await management.import_system(document())
    await management.client.put(SIGNING, json=BASIC)
    again = {"profile": "basic", "username": "other"}
    assert (await management.client.put(SIGNING, json=again)).status_code == 200
    assert (served(management).parameters["username"], served(management).secret) == ("other", b"hush hush")
    refused = await management.client.put(SIGNING, json={"profile": "bearer"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "token")
    assert served(management).profile == "basic"


async def test_a_profile_of_our_own_gets_its_key_and_forgets_the_others_secret(management: Management) -> None:
    await management.import_system(document(), signing="none")
    await management.client.put(SIGNING, json=BASIC)
    jwt = {"profile": "jwt", "issuer": "Trunkline"}
    assert (await management.client.put(SIGNING, json=jwt)).json()["live"] is True
    signing = served(management)
    assert (signing.profile, signing.issuer, signing.key_id) == ("jwt", "Trunkline", "cmdb")
    assert signing.secret.startswith(b"-----BEGIN PRIVATE KEY-----")
    await management.client.put(SIGNING, json={"profile": "none"})
    assert served(management).profile == "none"
    async with management.kernel.database.reading() as session:
        assert (await session.execute(select(StageSigning))).first() is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"profile": "rot13"}, "body"),
        ({"profile": "basic", "username": "a:b", "password": "x"}, "basic.username"),
        ({"profile": "basic", "username": "a", "password": "x\n"}, "basic.password"),
        ({"profile": "bearer", "token": "two words"}, "token"),
        ({"profile": "api-key", "name": "x y", "key": "x"}, "api-key.name"),
        ({"profile": "api-key", "name": "Host", "key": "x"}, "key"),
        ({"profile": "api-key", "name": "x-key", "key": "ü"}, "key"),
        ({"profile": "jwt", "kid": "mine"}, "jwt.kid"),
        ({"profile": "http-message-signature", "secret": "x"}, "http-message-signature.secret"),
        (PROFILES[-1] | {"token_url": "http://169.254.169.254/token"}, "token_url"),
    ],
)
async def test_a_wrong_setting_is_named_and_changes_nothing(
    management: Management, body: dict[str, Any], field: str
) -> None:
    await management.import_system(document())
    answer = await management.client.put(SIGNING, json=body)
    assert answer.status_code == 422, answer.text
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert served(management).profile == "http-message-signature"


async def test_only_who_manages_the_system_changes_how_it_is_signed_to(management: Management) -> None:
    await management.import_system(document())
    somebody = await management.person("somebody")
    assert (await somebody.get(SIGNING)).status_code == 200
    assert (await somebody.put(SIGNING, json=BASIC)).status_code == 403
    assert (await management.anonymous().put(SIGNING, json=BASIC)).status_code == 401
    assert (await management.client.put("/v1/systems/cmdb/stages/no/signing", json=BASIC)).status_code == 404

"""Gateways whose `X-Bkapi-JWT` is believed: named by administrators, live, on record."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from kernel.audit.models import AuditRecord
from tests.support.management import Management

URL = "/v1/trusted-gateways/apigw-old"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture(scope="module")
def key() -> str:
    return pem(rsa.generate_private_key(65537, 2048))


async def test_a_gateway_is_trusted_until_it_is_no_more(management: Management, key: str) -> None:
    answer = await management.client.put(URL, json={"title": "The old one", "public_key": key})
    assert (answer.status_code, answer.json()["live"]) == (200, True)
    assert set(management.holder.current.keys.trusted_gateways) == {"apigw-old"}
    (listed,) = (await management.client.get("/v1/trusted-gateways")).json()["items"]
    assert (listed["kid"], listed["title"], listed["public_key"]) == ("apigw-old", "The old one", key)
    assert (await management.client.delete(URL)).json()["live"] is True
    assert management.holder.current.keys.trusted_gateways == {}
    assert (await management.client.delete(URL)).status_code == 404
    async with management.kernel.database.reading() as session:
        found = await session.execute(select(AuditRecord.action).where(AuditRecord.resource_kind == "gateway"))
        assert set(found.scalars()) == {"gateway.trusted", "gateway.trusted_no_more"}


async def test_a_key_that_could_not_verify_is_refused(management: Management) -> None:
    for wrong in ("no key", pem(ec.generate_private_key(ec.SECP256R1())), pem(rsa.generate_private_key(65537, 1024))):  # noqa: S505 - too short on purpose
        answer = await management.client.put(URL, json={"public_key": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "public_key")
    assert management.holder.current.keys.trusted_gateways == {}


async def test_only_administrators_name_them(management: Management, key: str) -> None:
    ann = await management.person("ann")
    assert (await ann.put(URL, json={"public_key": key})).status_code == 403
    assert (await ann.get("/v1/trusted-gateways")).status_code == 403
    assert management.holder.current.keys.trusted_gateways == {}

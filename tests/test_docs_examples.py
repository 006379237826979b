"""What the documentation shows can be used as it stands."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from gateway.registry.importers.openapi import import_openapi
from gateway.registry.upstreams.schemas import UpstreamSettings
from gateway.snapshot.model.upstreams import compile_upstream
from kernel.signing.content_digest import content_digest
from kernel.signing.errors import SignatureInvalid
from kernel.signing.jwt import sign_for_esb_shape, sign_for_gateway_shape
from kernel.signing.request_signature import RequestSigner
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.validation.rules import Surroundings, validate
from tests.support.documentation import GUIDES, REFERENCE, code_blocks

MINUTE = 60


def test_the_flow_that_is_shown_is_a_flow() -> None:
    flow = read_flow(json.loads(code_blocks(REFERENCE / "flow-definition.md", "json")[0]))
    problems = validate(Graph(flow), Surroundings({}))
    assert {problem.rule for problem in problems} == {"plugin_installed"}


def test_the_openapi_document_that_is_shown_can_be_imported() -> None:
    document = yaml.safe_load(code_blocks(GUIDES / "register-a-system.md", "yaml")[0])
    found = import_openapi(document, "inventory")
    assert found.problems == ()
    assert [(c.name, c.scopes) for c in found.components] == [
        ("list_hosts", ("inventory:read",)),
        ("create_host", ("inventory:write",)),
    ]


def shown_python(number: int) -> dict[str, Any]:
    """What the n-th Python block of the guide defines; it is run as its readers would."""
    names: dict[str, Any] = {}
    exec(code_blocks(GUIDES / "verify-calls.md", "python")[number], names)  # noqa: S102  our own documentation
    return names


class TestShownVerifier:
    NOW = 1_800_000_000
    URL = "http://inventory.example.com/hosts?limit=5"
    BODY = b'{"ip": "10.0.0.1"}'

    @pytest.fixture
    def verify(self) -> Callable[..., str]:
        function: Callable[..., str] = shown_python(0)["verify"]
        return function

    def signed(self, **changed: str) -> list[tuple[str, str]]:
        covered = {"x-trunkline-app": "report", "x-request-id": "r" * 32, "idempotency-key": "k"}
        covered["content-digest"] = content_digest(self.BODY)
        lines = RequestSigner("inventory", b"k" * 32).sign("POST", self.URL, [*covered.items()], self.NOW)
        pairs = dict(line.split(": ", 1) for line in lines.strip().split("\r\n"))
        return [*{"Host": "inventory.example.com", **covered, **pairs, **changed}.items()]

    def arguments(self, **changed: Any) -> Mapping[str, Any]:
        usual = {
            "method": "POST",
            "url": self.URL,
            "headers": self.signed(),
            "body": self.BODY,
            "keys": {"inventory": b"k" * 32},
            "now": self.NOW + 1,
            "is_new": lambda _nonce, _expires: True,
        }
        return {**usual, **changed}

    def test_it_accepts_what_the_gateway_signed(self, verify: Callable[..., str]) -> None:
        assert verify(**self.arguments()) == "report"

    @pytest.mark.parametrize(
        "changed",
        [
            {"method": "PUT"},
            {"url": "http://inventory.example.com/hosts?limit=6"},
            {"body": b"{}"},
            {"body": b""},
            {"keys": {"inventory": b"x" * 32}},
            {"keys": {}},
            {"now": NOW + MINUTE},
            {"now": NOW - 10},
            {"is_new": lambda _nonce, _expires: False},
            {"headers": [("x-trunkline-app", "report")]},
        ],
    )
    def test_it_refuses_what_was_altered(self, verify: Callable[..., str], changed: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            verify(**self.arguments(**changed))

    @pytest.mark.parametrize(
        "name",
        ["x-trunkline-app", "x-trunkline-user", "x-request-id", "idempotency-key", "content-digest", "signature"],
    )
    def test_it_refuses_a_header_that_was_changed_or_added(self, verify: Callable[..., str], name: str) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            verify(**self.arguments(headers=self.signed(**{name: "other"})))

    def test_it_refuses_a_repeated_identity(self, verify: Callable[..., str]) -> None:
        with pytest.raises(ValueError, match="repeated"):
            verify(**self.arguments(headers=[*self.signed(), ("X-Trunkline-App", "other")]))


@pytest.mark.parametrize("key", [b"k" * 32, ed25519.Ed25519PrivateKey.generate()], ids=["hmac", "ed25519"])
def test_the_shown_three_lines_accept_what_was_signed_once(key: bytes | ed25519.Ed25519PrivateKey) -> None:
    caller_of = shown_python(2)["caller_of"]
    covered = [("x-trunkline-app", "report"), ("content-digest", content_digest(b"{}"))]
    url = "http://inventory.example.com/hosts"
    lines = RequestSigner("inventory-2", key).sign("POST", url, covered, int(time.time()))
    pairs = [tuple(line.split(": ", 1)) for line in lines.strip().split("\r\n")]
    headers = [("host", "inventory.example.com"), *covered, *pairs]
    scope = {
        "method": "POST",
        "scheme": "http",
        "path": "/hosts",
        "raw_path": b"/hosts",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    keys = {"inventory-2": key if isinstance(key, bytes) else key.public_key()}
    seen: set[str] = set()

    def was_seen(nonce: str, _expires: float) -> bool:
        known = nonce in seen
        seen.add(nonce)
        return known

    assert caller_of(scope, b"{}", keys, was_seen) == "report"
    for body in (b"{}", b"[]"):
        with pytest.raises(SignatureInvalid):
            caller_of(scope, body, keys, was_seen)


def test_the_upstream_that_is_shown_can_be_set() -> None:
    (shown,) = code_blocks(REFERENCE / "upstreams.md", "json")
    settings = UpstreamSettings.model_validate_json(shown)
    assert (
        compile_upstream("default", settings.model_dump(exclude={"tls"}), lambda _sealed: b"").balance
        == "consistent-hash"
    )


def test_the_shown_reader_of_x_bkapi_jwt_reads_both_shapes_until_they_expire() -> None:
    caller = shown_python(1)["caller"]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    now = int(time.time())
    for sign in (sign_for_gateway_shape, sign_for_esb_shape):
        token = sign(key, key_id="inventory", issuer="APIGW", app_code="report", username=None, now=now)
        assert caller(token, pem, now) == ("report", None)
        with pytest.raises(ValueError, match="expired"):
            caller(token, pem, now + 30 * MINUTE)
        with pytest.raises(Exception, match=r"bad_signature"):
            caller(token[:-8] + "AAAAAAAA", pem, now)

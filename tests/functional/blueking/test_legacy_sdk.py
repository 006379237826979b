"""The SDK that came with each BlueKing application, `blueking.component`: it is on no package index, so its requests
are written out here as it sends them: credentials in a JSON body without a content type, or a signed address.
"""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.functional.blueking.conftest import Site
from tests.support.patience import PATIENCE_SECONDS
from tests.support.stand import approved_grant

SEARCH = "/api/c/compapi/v2/cc/search_business/"
PAGE = {"start": 0, "limit": 10}


@dataclass(frozen=True, slots=True)
class LegacyClient:
    """`bk_app_secret` is empty in the signed variant's parameters: the signature stands for it."""

    url: str
    app_code: str
    app_secret: str
    signs: bool = False

    def post(self, path: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
        known = {"bk_app_code": self.app_code, "bk_app_secret": "" if self.signs else self.app_secret}
        body = json.dumps(known | parameters)
        return self._send("POST", path, body, {"data": body})

    def get(self, path: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
        known = {"bk_app_code": self.app_code} | ({} if self.signs else {"bk_app_secret": self.app_secret})
        return self._send("GET", path, None, {name: str(value) for name, value in (known | parameters).items()})

    def _send(self, method: str, path: str, body: str | None, signed: dict[str, str]) -> tuple[int, dict[str, Any]]:
        query = signed if method == "GET" else {}
        if self.signs:
            fresh = {"bk_nonce": str(secrets.randbelow(2**31) + 1), "bk_timestamp": str(int(time.time()))}
            told = "&".join(f"{name}={value}" for name, value in sorted((signed | fresh).items()))
            digest = hmac.new(self.app_secret.encode(), f"{method}{path}?{told}".encode(), hashlib.sha1).digest()
            query = query | fresh | {"bk_signature": base64.b64encode(digest).decode()}
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE_SECONDS)
        connection.request(method, f"{path}?{urlencode(query)}" if query else path, body)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        connection.close()
        return answer.status, content


@pytest.fixture(scope="module")
def signing_app(running_site: Site) -> LegacyClient:
    """An app that signs, and that an administrator permitted to name its users."""
    made = running_site.api.post("/apps", {"app_code": "legacy", "name": "Legacy", "may_sign": True})
    approved_grant(running_site.api, "legacy", "cmdb")
    return LegacyClient(running_site.url, "legacy", made["app_secret"], signs=True)


def test_credentials_in_a_body_without_a_content_type(site: Site) -> None:
    client = LegacyClient(site.url, site.app_code, site.app_secret)
    status, answer = client.post(SEARCH, bk_username="admin", page=PAGE)
    assert (status, answer["result"], answer["code"]) == (200, True, 0)
    status, answer = client.get("/api/c/compapi/v2/cc/search_business", page=json.dumps(PAGE))
    assert (status, answer["result"]) == (200, True)


def test_a_signed_request_needs_no_secret(signing_app: LegacyClient) -> None:
    for status, answer in (
        signing_app.post(SEARCH, bk_username="admin", page=PAGE),
        signing_app.get(SEARCH, page=json.dumps(PAGE)),
    ):
        assert (status, answer["result"]) == (200, True), answer


@pytest.mark.parametrize("signs", [False, True])
def test_a_wrong_secret_is_an_envelope(site: Site, signing_app: LegacyClient, signs: bool) -> None:  # noqa: FBT001 - a parameter of the test
    client = LegacyClient(site.url, signing_app.app_code, "wrong", signs=signs)
    status, answer = client.post(SEARCH, page=PAGE)
    assert (status, answer["result"], answer["code"], answer["data"]) == (200, False, 1306000, None)


def test_a_component_nobody_has_is_http_404(signing_app: LegacyClient) -> None:
    status, answer = signing_app.post("/api/c/compapi/v2/cc/nothing/")
    assert (status, answer["result"], answer["message"]) == (404, False, "The content does not exist")


def test_no_secret_is_written_to_the_log(site: Site, signing_app: LegacyClient) -> None:
    log = site.server.log.read_text()
    assert signing_app.app_secret not in log
    assert site.app_secret not in log

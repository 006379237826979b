"""Signing in with a foreign identity provider (npm oidc-provider)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kernel.settings import Settings
from tests.support.management import Management
from tests.support.oidc_provider import CLIENT, ForeignProvider, foreign_provider

CALLBACK = "http://gw.test/v1/sign-in/oidc/corp/callback"
RULES = [
    {"claim": "groups", "value": "platform", "role": "registrar"},
    {"claim": "groups", "value": "ops", "role": "operator", "project": "ops"},
    {"claim": "groups", "value": "leads", "role": "maintainer", "project": "ops"},
    {"claim": "groups", "value": "ops", "role": "viewer", "project": "not-yet"},
]


@pytest.fixture(scope="module")
def provider() -> Iterator[ForeignProvider]:
    with foreign_provider(CALLBACK) as serving:
        yield serving


@pytest.fixture
def settings(settings: Settings, provider: ForeignProvider) -> Settings:
    return settings.model_copy(update={"public_url": "http://gw.test", "allowed_upstream_origins": (provider.issuer,)})


@pytest.fixture(autouse=True)
def real_time(management: Management) -> None:
    """The provider's tokens tell the time of the world."""
    from datetime import UTC, datetime  # noqa: PLC0415  here alone

    management.clock.current = datetime.now(UTC)


async def configured(management: Management, provider: ForeignProvider, **more: Any) -> dict[str, Any]:
    body = {"title": "Corp", "issuer": provider.issuer, **CLIENT, "role_rules": RULES, **more}
    put = await management.client.put("/v1/identity-providers/corp", json=body)
    assert put.status_code == 200, put.text
    answer: dict[str, Any] = put.json()
    return answer


async def came_back(management: Management, provider: ForeignProvider, redirect: str = "/tasks") -> httpx.AsyncClient:
    """A browser that went to the provider and came back."""
    browser = management.anonymous()
    begun = await browser.get("/v1/sign-in/oidc/corp", params={"redirect": redirect})
    assert begun.status_code == 303, begun.text
    back = provider.answer_to(begun.headers["location"])
    answer = await browser.get(back)
    assert answer.status_code == 303, answer.text
    browser.headers["X-Landed"] = answer.headers["location"]
    return browser


async def roles_of(management: Management, username: str) -> set[tuple[str, str, str]]:
    found = set()
    for resource in ("platform", "project:ops"):
        for person in (await management.client.get(f"/v1/roles?resource={resource}")).json()["items"]:
            if person["username"] == username:
                found |= {(resource, role["role"], role["provider"] or role["origin"]) for role in person["roles"]}
    return found


async def test_a_person_gets_an_account_and_the_roles_his_claims_give(
    management: Management, provider: ForeignProvider
) -> None:
    await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    shown = await configured(management, provider)
    assert shown["redirect_uri"] == CALLBACK
    assert CLIENT["client_secret"] not in str(shown)
    provider.next_person(
        "u-1", name="Ann Lee", preferred_username="ann", email="ann@x.test", groups=["ops", "platform"]
    )
    browser = await came_back(management, provider)
    assert browser.headers["X-Landed"] == "/tasks"
    session = (await browser.get("/v1/session")).json()
    assert session["user"]["username"] == "ann"
    assert session["user"]["display_name"] == "Ann Lee"
    assert session["user"]["platform_roles"] == ["registrar"]
    assert [(each["code"], each["roles"]) for each in session["projects"]] == [("ops", ["operator"])]
    assert await roles_of(management, "ann") == {("platform", "registrar", "corp"), ("project:ops", "operator", "corp")}
    (own,) = (await browser.get("/v1/users/ann/identities")).json()["items"]
    assert (own["issuer"], own["subject"]) == (provider.issuer, "u-1")
    (here,) = (await browser.get("/v1/users/ann/sessions")).json()["items"]
    assert here["method"] == "oidc:corp"


async def test_roles_follow_the_claims_at_each_sign_in_and_given_ones_stay(
    management: Management, provider: ForeignProvider
) -> None:
    await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    await configured(management, provider)
    provider.next_person("u-1", preferred_username="ann", groups=["ops", "platform"])
    await came_back(management, provider)
    by_hand = {"username": "ann", "roles": ["operator", "viewer"]}
    assert (await management.client.put("/v1/roles?resource=project:ops", json=by_hand)).status_code == 200
    provider.next_person("u-1", preferred_username="renamed", groups="leads")
    await came_back(management, provider)
    assert await roles_of(management, "ann") == {
        ("project:ops", "operator", "given"),
        ("project:ops", "viewer", "given"),
        ("project:ops", "maintainer", "corp"),
    }
    assert (await management.client.delete("/v1/identity-providers/corp")).status_code == 204
    assert ("project:ops", "maintainer", "corp") not in await roles_of(management, "ann")


async def test_an_account_of_the_same_name_is_not_taken_over_but_may_be_linked(
    management: Management, provider: ForeignProvider
) -> None:
    await configured(management, provider)
    provider.next_person("u-9", preferred_username="admin", email="admin@x.test")
    browser = await came_back(management, provider)
    assert "problem=account_not_linked" in browser.headers["X-Landed"]
    assert (await browser.get("/v1/session")).status_code == 401
    linked = await management.client.post("/v1/users/admin/identities", json={"provider": "corp", "subject": "u-9"})
    assert linked.status_code == 201
    assert (
        await management.client.post("/v1/users/admin/identities", json={"provider": "corp", "subject": "u-9"})
    ).status_code == 409
    browser = await came_back(management, provider)
    assert (await browser.get("/v1/session")).json()["user"]["username"] == "admin"
    gone = await management.client.delete(f"/v1/users/admin/identities/{linked.json()['id']}")
    assert gone.status_code == 204
    browser = await came_back(management, provider)
    assert (await browser.get("/v1/session")).status_code == 401


async def test_who_is_disabled_or_unknown_stays_out(management: Management, provider: ForeignProvider) -> None:
    await configured(management, provider, creates_users=False)
    provider.next_person("u-2", preferred_username="bob")
    assert "problem=no_account" in (await came_back(management, provider)).headers["X-Landed"]
    await configured(management, provider)
    assert (await (await came_back(management, provider)).get("/v1/session")).status_code == 200
    await management.client.post("/v1/users/bob:disable")
    assert "problem=account_disabled" in (await came_back(management, provider)).headers["X-Landed"]
    provider.next_person("u-3", preferred_username="no name!")
    assert "problem=no_account" in (await came_back(management, provider)).headers["X-Landed"]


async def test_disabling_a_provider_ends_its_sessions_and_hides_it(
    management: Management, provider: ForeignProvider
) -> None:
    await configured(management, provider)
    provider.next_person("u-1", preferred_username="ann")
    browser = await came_back(management, provider)
    methods = (await management.anonymous().get("/v1/sign-in/methods")).json()
    assert methods == {"password": True, "providers": [{"name": "corp", "title": "Corp"}], "blueking": False}
    await configured(management, provider, is_enabled=False)
    assert (await browser.get("/v1/session")).status_code == 401
    assert (await management.anonymous().get("/v1/sign-in/methods")).json()["providers"] == []
    again = await management.anonymous().get("/v1/sign-in/oidc/corp")
    assert "problem=not_found" in again.headers["location"]


async def test_an_answer_works_in_the_browser_that_asked_and_there_once(
    management: Management, provider: ForeignProvider
) -> None:
    await configured(management, provider)
    provider.next_person("u-1", preferred_username="ann")
    mine, other = management.anonymous(), management.anonymous()
    begun = await mine.get("/v1/sign-in/oidc/corp")
    back = provider.answer_to(begun.headers["location"])
    await other.get("/v1/sign-in/oidc/corp")
    for stranger in (management.anonymous(), other):
        assert "problem=sign_in_refused" in (await stranger.get(back)).headers["location"]
        assert (await stranger.get("/v1/session")).status_code == 401
    kept = dict(mine.cookies)
    assert (await mine.get(back)).headers["location"] == "/"
    again = management.anonymous()
    again.cookies.update({name: value for name, value in kept.items() if name == "trunkline_sign_in"})
    assert "problem=sign_in_refused" in (await again.get(back)).headers["location"]


async def test_the_request_carries_pkce_state_and_nonce_and_leads_to_no_other_site(
    management: Management, provider: ForeignProvider
) -> None:
    await configured(management, provider)
    begun = await management.anonymous().get("/v1/sign-in/oidc/corp", params={"redirect": "//evil.test/"})
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [CALLBACK]
    assert asked["scope"] == ["openid profile email"]
    assert all(len(asked[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))
    assert begun.headers["cache-control"] == "no-store"
    for redirect in ("//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"):
        provider.next_person("u-1", preferred_username="ann")
        assert (await came_back(management, provider, redirect)).headers["X-Landed"] == "/"


async def test_a_refusal_of_the_provider_is_told(management: Management, provider: ForeignProvider) -> None:
    await configured(management, provider)
    browser = management.anonymous()
    begun = await browser.get("/v1/sign-in/oidc/corp")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    query = {"error": "access_denied", "state": state, "iss": provider.issuer}
    refused = await browser.get("/v1/sign-in/oidc/corp/callback", params=query)
    assert "problem=sign_in_refused" in refused.headers["location"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"issuer": "ftp://x"}, "issuer"),
        ({"issuer": "https://x/?a"}, "issuer"),
        ({"role_rules": [{"claim": "groups", "value": "x", "role": "owner"}]}, "role_rules.0"),
        ({"role_rules": [{"claim": "groups", "value": "x", "role": "admin", "project": "ops"}]}, "role_rules.0"),
        ({"scopes": ["a b"]}, "scopes.0"),
    ],
)
async def test_wrong_settings_are_refused_by_field(
    management: Management, provider: ForeignProvider, changed: dict[str, Any], field: str
) -> None:
    body = {"title": "Corp", "issuer": provider.issuer, **CLIENT, **changed}
    refused = await management.client.put("/v1/identity-providers/corp", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await management.client.get("/v1/identity-providers")).json()["items"] == []


async def test_only_administrators_keep_providers(management: Management, provider: ForeignProvider) -> None:
    await configured(management, provider)
    ann = await management.person("ann")
    body = {"title": "Evil", "issuer": "https://evil.test", **CLIENT}
    assert (await ann.put("/v1/identity-providers/corp", json=body)).status_code == 403
    assert (await ann.get("/v1/identity-providers")).status_code == 403
    assert (await ann.delete("/v1/identity-providers/corp")).status_code == 403
    link = {"provider": "corp", "subject": "u-1"}
    assert (await ann.post("/v1/users/admin/identities", json=link)).status_code == 403
    assert (await ann.get("/v1/users/admin/identities")).status_code == 403


async def test_a_secret_that_is_left_out_stays(management: Management, provider: ForeignProvider) -> None:
    await configured(management, provider)
    body = {"title": "Corp", "issuer": provider.issuer, "client_id": CLIENT["client_id"]}
    assert (await management.client.put("/v1/identity-providers/corp", json=body)).json()["has_client_secret"] is True
    public = await management.client.put("/v1/identity-providers/corp", json={**body, "client_secret": None})
    assert public.json()["has_client_secret"] is False

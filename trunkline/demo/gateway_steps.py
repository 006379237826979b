"""The first half of the demo: systems, an app, its calls, and the calls that are refused."""

from dataclasses import dataclass
from typing import Any

import httpx

from trunkline.demo.api import Api, DemoFailed
from trunkline.demo.place import Place
from trunkline.demo.show import Show

APP = "disk-report"
_SYSTEMS = {"cmdb": ["cc"], "job": ["jobv3"], "notify": ["cmsi"], "sops": ["bk-sops"]}
_SHOWN_HEADERS = ("host", "content-digest", "signature-input", "signature", "x-trunkline-app", "x-request-id")


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the demo put into the inventory."""

    biz_id: int
    host_id: int
    ip: str


async def import_systems(place: Place, api: Api, show: Show) -> None:
    show.step("Register four systems from their OpenAPI documents")
    async with httpx.AsyncClient() as http:
        for name, aliases in _SYSTEMS.items():
            document = (await http.get(f"{place.url}/systems/{name}/openapi.json")).json()
            origin = f"http://127.0.0.1:{place.tap.port}" if name == "cmdb" else place.url
            body = {
                "document": document,
                "name": name,
                "aliases": aliases,
                "upstream_url": f"{origin}/systems/{name}",
                "signing": "http-message-signature",
            }
            answer = await api.post("/systems:import", body)
            show.good(
                f"{name} ({', '.join(aliases)}): {answer['components']} components, release {answer['release']} "
                f"on stage {answer['stage']}, live: {answer['live']}"
            )


async def create_app(api: Api, show: Show) -> str:
    show.step("Create an app, apply for a grant, have it approved")
    secret: str = (await api.post("/apps", {"app_code": APP, "name": "Disk report", "description": ""}))["app_secret"]
    show.good(f"app {APP}; its secret is shown once")
    await grant(api, show, APP, "cmdb", None)
    return secret


async def grant(api: Api, show: Show, app_code: str, system: str, components: list[str] | None) -> list[str]:
    """Applies and approves; the ids of the grants."""
    body = {"app_code": app_code, "system": system, "components": components, "reason": "disk report", "days": 180}
    applied = await api.post("/grants", body)
    ids: list[str] = [item["id"] for item in applied["items"]]
    for grant_id in ids:
        await approve(api, show, grant_id)
    return ids


async def approve(api: Api, show: Show, grant_id: str) -> None:
    answer = await api.post(f"/grants/{grant_id}:approve", {"comment": "for the demo"})
    target = f"{answer['system']}.{answer['component'] or '*'}"
    show.good(f"{answer['app_code']} may call {target} until {answer['expires_at'][:10]}")


async def get_token(place: Place, show: Show, secret: str, scope: str = "") -> str:
    async with httpx.AsyncClient() as http:
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        answer = await http.post(f"{place.url}/oauth/token", data=form, auth=(APP, secret))
    if answer.is_error:
        raise DemoFailed(f"/oauth/token: {answer.status_code} {answer.text}")
    token = answer.json()
    show.good(f"access token for {token['scope']}, {token['expires_in']} s")
    value: str = token["access_token"]
    return value


async def call_inventory(place: Place, show: Show, token: str) -> Inventory:
    show.step("Call the inventory through the gateway")
    async with httpx.AsyncClient(base_url=place.url, headers={"Authorization": f"Bearer {token}"}) as http:
        business = await _component(http, "create_business", {"data": {"bk_biz_name": "Operations"}})
        biz_id: int = business["bk_biz_id"]
        host = await _component(http, "add_local_host_to_business_idle", {"bk_biz_id": biz_id})
        show.good(f"registered this machine: {host['bk_host_name']} {host['bk_host_innerip']}, {host['bk_os_name']}")
        body = {"condition": {"bk_biz_id": biz_id}, "page": {"start": 0, "limit": 10}}
        unified = await http.post("/api/cmdb/prod/search_business", json=body)
        show.line("POST /api/cmdb/prod/search_business answered")
        show.json(unified.json())
        blueking = await http.post("/api/c/compapi/v2/cc/search_business/", json=body)
        show.line("POST /api/c/compapi/v2/cc/search_business/ (the BlueKing address of the same component) answered")
        show.json(blueking.json())
    show.line("What the inventory received, as a tap on the wire before it saw it (no Authorization header):")
    show.block(_head(place.tap.requests()[-1]))
    return Inventory(biz_id, host["bk_host_id"], host["bk_host_innerip"])


async def show_refusals(place: Place, api: Api, show: Show, secret: str, token: str) -> None:
    show.step("Calls that are refused; the inventory sees none of them")
    before = len(place.tap.requests())
    narrow = await get_token(place, show, secret, "cmdb:read")
    await _refused(place, show, "without a token", {})
    await _refused(place, show, "with a scope that doesn't cover it", _bearer(narrow), "create_business")
    await _refused(place, show, "with a forged X-Bkapi-JWT", {"X-Bkapi-JWT": "eyJhbGciOiJub25lIn0.e30."})
    for item in (await api.get("/grants", app_code=APP, system="cmdb", state="approved"))["items"]:
        await api.post(f"/grants/{item['id']}:revoke", {"comment": "shown in the demo"})
    await _refused(place, show, "with a grant revoked a moment ago", _bearer(token))
    seen = len(place.tap.requests()) - before
    if seen:
        raise DemoFailed(f"The inventory saw {seen} refused calls")
    show.good("the tap before the inventory saw 0 requests")


async def _component(http: httpx.AsyncClient, name: str, body: dict[str, Any]) -> Any:
    answer = await http.post(f"/api/cmdb/prod/{name}", json=body)
    content = answer.json()
    if answer.is_error or not content.get("result"):
        raise DemoFailed(f"{name}: {answer.status_code} {answer.text}")
    return content["data"]


async def _refused(
    place: Place, show: Show, how: str, headers: dict[str, str], component: str = "search_business"
) -> None:
    async with httpx.AsyncClient(base_url=place.url) as http:
        answer = await http.post(f"/api/cmdb/prod/{component}", json={"page": {"limit": 1}}, headers=headers)
    if answer.is_success:
        raise DemoFailed(f"A call {how} was answered: {answer.text}")
    body = answer.json()
    show.refused(f"{how}: {answer.status_code} {body['code']} {body['code_name']}: {body['message']}")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _head(request: str) -> str:
    head, _, body = request.partition("\r\n\r\n")
    lines = head.split("\r\n")
    shown = [line for line in lines[1:] if line.partition(":")[0].lower() in _SHOWN_HEADERS]
    return "\n".join([lines[0], *shown, "", body])

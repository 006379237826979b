"""What a system's application makes, and when. That components answer as they should, the tests of the systems know."""

from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.http import component_app
from kernel.http.component_app import ComponentApp, EmbeddedSystem, ErrorCodes
from kernel.http.component_document import SystemFacts, Words, openapi_document
from kernel.http.nonces import MemoryNonces
from kernel.http.signature_check import SignatureCheck
from kernel.http.signed_only import SignedCaller
from tests.adapters.gateway import ORIGIN, OneKey

_WORDS = Words("Clock", "时钟")
_FACTS = SystemFacts("clock", (), _WORDS, _WORDS, "1", {"clock:read": _WORDS})


class _Nothing(BaseModel):
    pass


async def _tell(_session: AsyncSession, _caller: SignedCaller, _params: _Nothing) -> str:
    return "noon"


def _build(folder: Path, clock: ManualClock) -> EmbeddedSystem:
    app = ComponentApp(_FACTS, Database(f"sqlite+aiosqlite:///{folder}/none.db"), None, ErrorCodes(1, 2, 3, 4))
    app.read("tell", _Nothing, str, _tell, scope="clock:read", summary=_WORDS, description=_WORDS)
    return app.build(SignatureCheck("clock", OneKey(), MemoryNonces(clock), clock), max_body_bytes=1024)


async def test_the_document_is_made_for_whoever_asks_first_and_served_as_it_is_told(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def describe(*given: object) -> dict[str, object]:
        made.append("document")
        return openapi_document(*given)

    monkeypatch.setattr(component_app, "openapi_document", describe)
    system = _build(tmp_path, clock)
    assert made == []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=system.app), base_url=ORIGIN) as client:
        served = [(await client.get("/openapi.json")).json() for _ in range(2)]
    assert served == [system.document()] * 2
    assert list(system.document()["paths"]) == ["/tell"]
    assert made == ["document"]

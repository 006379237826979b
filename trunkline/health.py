"""Is the process alive, and is it ready for traffic."""

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from kernel.db.database import Database

router = APIRouter(tags=["health"])


@router.get("/livez")
async def is_alive() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz")
async def is_ready(request: Request) -> JSONResponse:
    """Each part by name. The database may be away: the data plane goes on serving from its snapshot."""
    database: Database = request.app.state.database
    parts = {"database": await _answers(database), "snapshot": request.app.state.gateway.has_snapshot}
    ready = parts["snapshot"]
    return JSONResponse({"ready": ready, "parts": parts}, status_code=200 if ready else 503)


async def _answers(database: Database) -> bool:
    try:
        async with database.reading() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True

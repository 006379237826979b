from sqlalchemy import make_url

from orchestrator.runtime.postgres_store import PostgresStore
from orchestrator.runtime.sqlite_store import SqliteStore


def open_store(database_url: str) -> SqliteStore | PostgresStore:
    """The store for a SQLAlchemy address; `Store.open` connects it."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return SqliteStore(url.database or ":memory:")
    return PostgresStore(url.set(drivername="postgresql").render_as_string(hide_password=False))

"""A reference to an outside source, as the table keeps it and as people read it."""

from typing import Any

from kernel.secret_sources.source import Environment, File, Reference, Vault


def to_document(reference: Reference) -> dict[str, str]:
    match reference:
        case Environment(variable):
            return {"source": "environment", "variable": variable}
        case File(name):
            return {"source": "file", "file": name}
        case Vault(path, field):
            return {"source": "vault", "path": path, "field": field}


def from_document(document: dict[str, Any]) -> Reference:
    match document["source"]:
        case "environment":
            return Environment(document["variable"])
        case "file":
            return File(document["file"])
        case _:
            return Vault(document["path"], document["field"])

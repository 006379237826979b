"""Files that people write for commands: JSON or YAML, as JSON has it."""

import json
from pathlib import Path
from typing import Any

import yaml

from kernel.yaml_text import Unreadable, read_yaml
from trunkline.cli.client import fail


def read_file(file: Path) -> Any:
    """Times stay text, and so do names.

    Raises:
        ValueError: the file can't be read, or holds what JSON has no form for; it is named.
    """
    try:
        document = read_yaml(file.read_text(encoding="utf-8"))
        json.dumps(document, allow_nan=False)
    except OSError as error:
        raise ValueError(f"{file} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is no UTF-8 text") from error
    except Unreadable as error:
        raise ValueError(f"{file} {error}") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{file} holds what JSON has no form for: {error}") from error
    return document


def read_document(file: Path) -> Any:
    """Ends the command for a file that can't be read."""
    try:
        return read_file(file)
    except ValueError as error:
        fail(str(error), code=2)


def read_object(file: Path) -> dict[str, Any]:
    """Ends the command for a file that holds no object."""
    document = read_document(file)
    if not isinstance(document, dict):
        fail(f"{file}: its top level must be an object", code=2)
    return document


def document_text(document: Any, name: str) -> str:
    """What `read_file` reads as the same document: YAML where the file's name says so, JSON otherwise."""
    if name.endswith((".yaml", ".yml")):
        return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

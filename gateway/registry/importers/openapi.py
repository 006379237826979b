"""OpenAPI 3.0 and 3.1, and Swagger 2 → components. Pure: nothing is fetched, nothing is stored.

Every problem names its place in the document as a JSON pointer. Only local references are followed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.importers.blueking_resource import STATED as BLUEKING_MEMBERS
from gateway.registry.importers.blueking_resource import ResourceReader
from gateway.registry.importers.definitions import OPENAPI_MEMBERS, ImportedDocument
from gateway.registry.importers.naming import path_problem
from gateway.registry.importers.operations import ANY_METHOD, METHODS, OperationReader, text_of
from gateway.registry.importers.references import Place, Problems, follow
from gateway.registry.importers.schemas import SchemaConverter
from gateway.registry.importers.swagger import SwaggerOperationReader
from kernel.forms.bounds import Bounds, bound_problem

MAX_OPERATIONS = 2_000
BOUNDS = Bounds(depth=60, values=500_000, characters=10 * 1024 * 1024)

_VERSION = re.compile(r"3\.[01]\.\d{1,3}")
_NOT_OPERATIONS = frozenset({"parameters", "summary", "description", "servers", "$ref"})


def import_openapi(document: Any, system: str) -> ImportedDocument:
    """The components of an OpenAPI document for the system of that name, or what is wrong with it."""
    past = bound_problem(document, BOUNDS, "/")
    if past is not None:
        return ImportedDocument(problems=(past,))
    problems = Problems()
    if not isinstance(document, dict):
        problems.add((), "is no object", "Send an OpenAPI 3 document as JSON")
        return ImportedDocument(problems=tuple(problems.found))
    reader = _reader(document, system, problems)
    if reader is None:
        return ImportedDocument(problems=tuple(problems.found))
    resources = ResourceReader(problems)
    components = tuple(_components(document, reader, resources, problems))
    if not components and not problems.found:
        problems.add(("paths",), "has no operation", "Describe at least one")
    if problems.found:
        return ImportedDocument(problems=tuple(problems.found))
    info = document.get("info")
    texts = info if isinstance(info, dict) else {}
    stated = OPENAPI_MEMBERS | (BLUEKING_MEMBERS if resources.found else frozenset())
    if any(component.labels for component in components):
        stated |= {"labels"}
    return ImportedDocument(
        title=text_of(texts.get("title"), 200),
        description=text_of(texts.get("description"), 4_000),
        components=components,
        notes=tuple(resources.notes.found),
        stated=stated,
    )


def _reader(document: Mapping[str, Any], system: str, problems: Problems) -> OperationReader | None:
    swagger, version = document.get("swagger"), document.get("openapi")
    if isinstance(swagger, str | float) and str(swagger) == "2.0":
        return SwaggerOperationReader(document, system, SchemaConverter(document, problems, is_30=True), problems)
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        problems.add(("openapi",), "is not 3.0.x or 3.1.x", "Send OpenAPI 3, or Swagger 2 with swagger: '2.0'")
        return None
    converter = SchemaConverter(document, problems, is_30=version.startswith("3.0"))
    return OperationReader(document, system, converter, problems)


def _components(
    document: Mapping[str, Any], reader: OperationReader, resources: ResourceReader, problems: Problems
) -> Iterator[ComponentDefinition]:
    count = 0
    for path, item, place in _path_items(document, problems):
        for method, operation in item.items():
            if method in _NOT_OPERATIONS or (method.startswith("x-") and method != ANY_METHOD):
                continue
            if method not in METHODS and method != ANY_METHOD:
                problems.add((*place, method), "is no method this gateway serves", f"Use one of {', '.join(METHODS)}")
                continue
            count += 1
            if count > MAX_OPERATIONS:
                problems.add(place, f"is operation {count}; at most {MAX_OPERATIONS} are taken", "Split the system")
                return
            component = reader.read(path, method, operation, item, place)
            if component is not None:
                yield resources.read(component, operation, (*place, method))


def _path_items(document: Mapping[str, Any], problems: Problems) -> Iterator[tuple[str, Mapping[str, Any], Place]]:
    """Each path that can be served, with its operations by method and where these stand."""
    paths = document.get("paths")
    if not isinstance(paths, dict):
        problems.add(("paths",), "is no object", "Describe the operations below paths")
        return
    for path, given in paths.items():
        if path.startswith("x-"):
            continue
        wrong = path_problem(path)
        if wrong is not None:
            problems.add(("paths", path), wrong, "Write a path like /hosts/{host_id}/disks")
            continue
        item, place = follow(document, given, ("paths", path), problems)
        if isinstance(item, dict):
            yield path, item, place
        elif item is not None:
            problems.add(place, "is no object", "Describe operations by method")

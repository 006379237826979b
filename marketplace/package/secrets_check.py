"""Inputs that take secrets: what may be said of them, and where they may go."""

from kernel.errors import FieldProblem
from kernel.expressions.interpolation import references
from kernel.forms.pointers import dotted
from kernel.forms.secrets import secret_fields, secret_problems
from marketplace.package import wordings
from marketplace.package.manifest import Manifest


def secret_input_problems(manifest: Manifest) -> list[FieldProblem]:
    """Of a manifest whose schemas and expressions are sound."""
    return secret_problems(manifest.inputs, "inputs") + _in_addresses(manifest)


def _in_addresses(manifest: Manifest) -> list[FieldProblem]:
    """Addresses stand in access logs everywhere, bodies don't."""
    secrets = secret_fields(manifest.inputs)
    return [
        wordings.SECRET_IN_ADDRESS.at(dotted("", [*place, part]), name=path[1])
        for place, call in manifest.calls()
        for part, template in (("path", call.path), ("query", call.query))
        for path in sorted(references(template), key=str)
        if len(path) > 1 and path[0] == "inputs" and path[1] in secrets
    ]

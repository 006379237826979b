"""Does a value fit a schema? Validated by ``jsonschema-rs``, whose patterns are matched in time linear in the text."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema_rs import Draft202012Validator, RegexOptions

from kernel.errors import FieldProblem
from kernel.forms.bounds import DATA_BOUNDS, bound_problem
from kernel.forms.wording import field_problems

MAX_PROBLEMS = 50
"""Problems reported at once."""

# Automata without backtracking: no pattern can be slow (ReDoS). Look-around and back references don't exist in them
# and are refused when the schema is checked.
_PATTERNS = RegexOptions(size_limit=1024 * 1024, dfa_size_limit=1024 * 1024)


class DataValidator:
    """A compiled schema; keep it where the same schema is used again.

    Args:
        schema: one that `kernel.forms.check.schema_problems` finds nothing wrong with.

    Raises:
        ValueError: the schema can't be compiled.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = compile_validator(schema)

    def problems(self, data: Any, at: str = "") -> list[FieldProblem]:
        """What is wrong with `data`, each at the JSON pointer of the field behind `at`; empty when it fits."""
        past = bound_problem(data, DATA_BOUNDS, at)
        if past is not None:
            return [past]
        if self._validator.is_valid(data):
            return []
        return list(islice(field_problems(self._validator.iter_errors(data), at), MAX_PROBLEMS))


def validate_data(schema: Mapping[str, Any], data: Any, at: str = "") -> list[FieldProblem]:
    """`DataValidator` for one use."""
    return DataValidator(schema).problems(data, at)


def compile_validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Formats are checked, nothing is fetched."""
    return Draft202012Validator(dict(schema), validate_formats=True, offline=True, pattern_options=_PATTERNS)


@lru_cache(maxsize=1)
def meta_validator() -> Draft202012Validator:
    """Validates schemas themselves, patterns included."""
    return compile_validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})


SchemaUnusable = (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError)

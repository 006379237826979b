"""Sentences of the product in answers of the management API."""

from collections.abc import Iterable

from pydantic import BaseModel

from kernel.errors import FieldProblem
from kernel.wording import PlainParam, Said, plain


class SaidView(BaseModel):
    """`text` in English; `code` finds the sentence in other languages, for which `params` are its values by name."""

    text: str
    code: str
    params: dict[str, PlainParam]

    @classmethod
    def of(cls, said: Said) -> "SaidView":
        return cls(text=said.text, code=said.code, params=plain(said.params))


class FieldProblemView(BaseModel):
    """One wrong field, in English; `code` and `params` as of the errors of a problem document, `code` empty where the
    sentence has English alone.
    """

    field: str
    problem: str
    remedy: str
    code: str
    params: dict[str, PlainParam]


def field_problem_views(problems: Iterable[FieldProblem]) -> list[FieldProblemView]:
    return [
        FieldProblemView(
            field=each.field, problem=each.problem, remedy=each.remedy, code=each.code, params=plain(each.params)
        )
        for each in problems
    ]

from collections.abc import Sequence

from kernel.errors import FieldProblem, Invalid, NotFound

_REMEDY = "Correct the form.js; the guide Bring a form.js says what one may do"


class FormRefused(Invalid):
    """A form.js that can't be evaluated, or is no form."""

    code = "form_refused"
    title = "The form.js can't be used"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        shown = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems[:5])
        super().__init__(shown, fields=problems)

    @classmethod
    def because(cls, problem: str, field: str = "source") -> "FormRefused":
        return cls([FieldProblem(field, problem, _REMEDY)])


class FormScriptUnknown(NotFound):
    """The version was published without a form.js."""

    code = "form_script_unknown"

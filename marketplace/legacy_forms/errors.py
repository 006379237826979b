from collections.abc import Sequence

from kernel.errors import FieldProblem, Invalid, NotFound, listed


class FormRefused(Invalid):
    """A form.js that can't be evaluated, or is no form."""

    code = "form_refused"
    title = "The form.js can't be used"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(listed(problems), fields=problems)


class FormScriptUnknown(NotFound):
    """The version was published without a form.js."""

    code = "form_script_unknown"

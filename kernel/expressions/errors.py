class ExpressionError(Exception):
    """An expression that cannot be read or has no value; ``position`` counts characters of ``text`` from 0."""

    def __init__(self, message: str, *, text: str = "", position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.position = position

    def __str__(self) -> str:
        return f"{self.message} (at character {self.position + 1} of {self.text!r})"


class ExpressionSyntaxError(ExpressionError):
    """The text is outside the grammar."""


class UnknownReference(ExpressionError):
    """The path leads to nothing in the values given."""


class ExpressionRefused(ExpressionError):
    """The expression or its values are past a limit, or the answer has the wrong type."""

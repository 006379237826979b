class InvocationFailed(Exception):
    """The invocation can't go on; the text is for the person who watches the node."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

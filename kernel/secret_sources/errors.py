class SecretUnavailable(Exception):
    """A source can't give a secret now; the text says why and never what the secret is.

    Attributes:
        temporary: it is worth asking again without anybody having changed anything.
    """

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary

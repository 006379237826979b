class SignatureInvalid(Exception):
    """What was signed is not accepted. The message says why, and holds no secret and no signature."""


class TokenInvalid(SignatureInvalid):
    """A token is malformed, expired, for somebody else, or not signed by a key we know."""

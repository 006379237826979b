class SecretUnavailable(Exception):
    """A source can't give a secret now; the text says why and never what the secret is."""

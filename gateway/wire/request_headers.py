"""Which request headers are the gateway's own affair: identity, credentials, and what belongs to one hop.

A client's values of these never reach an upstream, under no spelling, and no mapping may write them.
"""

DROPPED = frozenset(
    {
        b"host", b"proxy-authorization", b"proxy-authenticate", b"proxy-connection", b"keep-alive", b"te",
        b"trailer", b"upgrade", b"expect", b"forwarded", b"x-real-ip", b"true-client-ip", b"cf-connecting-ip", b"via",
        b"x-request-uri", b"signature", b"signature-input", b"content-digest", b"http2-settings",
        b"x-client-ip", b"x-cluster-client-ip", b"x-original-url", b"x-rewrite-url", b"x-http-method-override",
        b"x-http-method", b"x-method-override", b"bk-username", b"bk-token", b"bk-ticket",
        b"remote-user", b"x-authenticated-user", b"x-authenticated-userid", b"x-webauth-user",
    }
)  # fmt: skip
DROPPED_PREFIXES = (b"x-bkapi-", b"x-bk-", b"x-trunkline-", b"x-forwarded-", b"x-envoy-", b"x-remote-", b"x-auth-")
KEPT = frozenset(
    {
        b"authorization", b"x-bkapi-authorization", b"x-bkapi-jwt", b"x-request-id", b"idempotency-key",
        b"content-length", b"transfer-encoding", b"content-type", b"x-use-test-env", b"x-forwarded-for", b"cookie",
        b"x-bkapi-debug", b"x-bkapi-instance-id", b"dpop",
    }
)  # fmt: skip
"""What the gateway reads itself and writes anew where the upstream needs it."""


def alike(name: bytes) -> bytes:
    """One form for the spellings of a name that some server takes for the same header: those that hand headers on as
    variables take an underscore for a hyphen.
    """
    return name.lower().replace(b"_", b"-")


def is_own(name: bytes) -> bool:
    """Whether a header is none that simply passes."""
    plain = alike(name)
    return plain in DROPPED or plain in KEPT or plain == b"connection" or plain.startswith(DROPPED_PREFIXES)

"""TLS towards one upstream: always verified, by the system's authorities or by the upstream's own."""

import os
import ssl
import tempfile
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClientTls:
    """All PEM; empty means none. ``authority`` replaces the system's authorities; ``certificate`` and ``key`` are the
    client's own, and where ``certificate`` is empty both stand in ``key``; ``server_name`` is asked for (SNI) and
    verified instead of the host of the address.
    """

    authority: str = ""
    certificate: str = ""
    key: bytes = field(default=b"", repr=False)
    server_name: str = ""

    def context(self) -> ssl.SSLContext:
        """Raises ValueError when the authority, the certificate or its key can't be read, or don't fit each other."""
        try:
            context = ssl.create_default_context(cadata=self.authority or None)
            if self.certificate or self.key:
                _load_certificate(context, self.certificate.encode() + b"\n" + self.key)
        except (ssl.SSLError, OSError) as problem:
            raise ValueError(f"not usable for TLS: {getattr(problem, 'reason', None) or 'unreadable'}") from problem
        return context


def _load_certificate(context: ssl.SSLContext, pem: bytes) -> None:
    """``ssl`` takes certificates from files alone: this one is in memory where the system can, and never named."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("client certificate", os.MFD_CLOEXEC)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(f"/proc/self/fd/{descriptor}", password=_NO_PASSWORD)
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name, password=_NO_PASSWORD)


_NO_PASSWORD = ""
"""An encrypted key is refused; without a password OpenSSL would ask for it at the terminal."""

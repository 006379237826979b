"""HTTP Message Signatures (RFC 9421): what is signed of a request or a response.

How the gateway signs and an upstream verifies by it is in ``request_signature``.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from kernel.signing import algorithms
from kernel.signing.algorithms import SigningKey
from kernel.signing.errors import SignatureInvalid
from kernel.signing.structured_fields import Bare, Member


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """A request as it stands on the wire. Header names in lower case; a repeated header stands repeatedly."""

    method: str
    target_uri: str
    headers: Sequence[tuple[str, str]]

    def header(self, name: str) -> str | None:
        """All values of a field joined as RFC 9421 §2.1 says, or None."""
        return _field(self.headers, name)


@dataclass(frozen=True, slots=True)
class ResponseMessage:
    """A response as it stands on the wire; headers as in ``RequestMessage``."""

    status: int
    headers: Sequence[tuple[str, str]]

    def header(self, name: str) -> str | None:
        """As in ``RequestMessage``."""
        return _field(self.headers, name)


Message = RequestMessage | ResponseMessage


def component_value(message: Message, name: str, parameters: Mapping[str, Bare]) -> str:
    """The value of a covered component (RFC 9421 §2); raises SignatureInvalid when there is none."""
    if name == "@query-param" and set(parameters) == {"name"} and isinstance(message, RequestMessage):
        return _query_parameter(message, str(parameters["name"]))
    if parameters:
        raise SignatureInvalid(f"the parameters of component {name} are not understood")
    if not name.startswith("@"):
        value = message.header(name)
        if value is None or name != name.lower() or "\n" in value:
            raise SignatureInvalid(f"the covered field {name} is not in the request")
        return value
    derived = _derived(message)
    if name not in derived:
        raise SignatureInvalid(f"the component {name} is not understood")
    return derived[name]


def _derived(message: Message) -> dict[str, str]:
    """The derived components of RFC 9421 §2.2 that have no parameter."""
    if isinstance(message, ResponseMessage):
        return {"@status": str(message.status)}
    parts = urlsplit(message.target_uri)
    return {
        "@method": message.method,
        "@target-uri": message.target_uri,
        "@authority": _authority(parts.scheme.lower(), parts.netloc.lower()),
        "@scheme": parts.scheme.lower(),
        "@request-target": (parts.path or "/") + (f"?{parts.query}" if "?" in message.target_uri else ""),
        "@path": parts.path or "/",
        "@query": f"?{parts.query}",
    }


def _field(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    values = [value.strip(" \t") for key, value in headers if key == name]
    return ", ".join(values) if values else None


def signature_base(message: Message, covered: Member) -> bytes:
    """The bytes that are signed (RFC 9421 §2.5); raises SignatureInvalid."""
    lines: list[str] = []
    seen: set[str] = set()
    for name, parameters in covered.items:
        if not isinstance(name, str):
            raise SignatureInvalid("a component's name is not text")
        identifier = f'"{name}"' + "".join(f";{key}{_serialised(value)}" for key, value in parameters.items())
        if identifier in seen:
            raise SignatureInvalid(f"the component {name} is covered twice")
        seen.add(identifier)
        lines.append(f"{identifier}: {component_value(message, name, parameters)}")
    lines.append(f'"@signature-params": {covered.text}')
    return "\n".join(lines).encode("latin-1", "strict")


def sign_base(base: bytes, key: SigningKey) -> str:
    """The signature over a base, in base64."""
    return base64.b64encode(algorithms.sign(base, key)).decode("ascii")


def _authority(scheme: str, netloc: str) -> str:
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    return netloc.removesuffix(default) if default else netloc


def _query_parameter(message: RequestMessage, name: str) -> str:
    pairs = parse_qsl(urlsplit(message.target_uri).query, keep_blank_values=True)
    values = [quote(value, safe="*-._") for key, value in pairs if quote(key, safe="*-._") == name]
    if len(values) != 1:
        raise SignatureInvalid("a covered query parameter is missing or repeated")
    return values[0]


def _serialised(value: Bare) -> str:
    if value is True:
        return ""
    if isinstance(value, str):
        return '="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    raise SignatureInvalid("a component's parameter is not understood")

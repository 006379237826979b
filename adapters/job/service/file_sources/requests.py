"""The request that reads a file from a source. Pure.

Signatures of S3 sources are AWS Signature Version 4:
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from adapters.job.service.file_sources.credentials import Credential
from adapters.job.service.file_sources.models import JobFileSource, SourceType
from kernel.transport.origin import parse_url

_NO_BODY = hashlib.sha256(b"").hexdigest()


def request_of(source: JobFileSource, credential: Credential, path: str, now: datetime) -> tuple[str, dict[str, str]]:
    """Address and headers."""
    place = quote(path)
    if source.type == SourceType.S3:
        url = f"{source.base_url}/{source.bucket}/{place}"
        return url, signed_headers(url, {}, source.region, credential, now)
    headers = {}
    if credential.token:
        headers["authorization"] = f"Bearer {credential.token}"
    elif credential.username:
        pair = b64encode(f"{credential.username}:{credential.password}".encode()).decode()
        headers["authorization"] = f"Basic {pair}"
    return f"{source.base_url}/{place}", headers


def signed_headers(
    url: str, headers: Mapping[str, str], region: str, credential: Credential, now: datetime
) -> dict[str, str]:
    """The headers of a GET, with its signature."""
    origin, target = parse_url(url)
    moment = f"{now:%Y%m%dT%H%M%SZ}"
    sent = {**headers, "x-amz-content-sha256": _NO_BODY, "x-amz-date": moment}
    covered = dict(sorted({**sent, "host": origin.authority}.items()))
    names = ";".join(covered)
    lines = "".join(f"{name}:{value}\n" for name, value in covered.items())
    request = f"GET\n{target}\n\n{lines}\n{names}\n{_NO_BODY}"
    scope = f"{now:%Y%m%d}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{credential.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    proof = f"AWS4-HMAC-SHA256 Credential={credential.access_key}/{scope},SignedHeaders={names},Signature={signature}"
    return {**sent, "authorization": proof}

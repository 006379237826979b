"""Reading an uploaded package, bounded while it streams."""

from fastapi import Request

from kernel.errors import PayloadTooLarge, UnsupportedMedia
from marketplace.package.limits import MAX_ARCHIVE

_MEDIA_TYPE = "application/zip"


async def read_upload(request: Request, limit: int = MAX_ARCHIVE) -> bytes:
    """The body of a request.

    Args:
        limit: bytes; a package's by itself.

    Raises:
        UnsupportedMedia: it isn't announced as a zip.
        PayloadTooLarge: longer than that.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        raise UnsupportedMedia(f"Send the package as {_MEDIA_TYPE}")
    pieces: list[bytes] = []
    length = 0
    async for piece in request.stream():
        length += len(piece)
        if length > limit:
            raise PayloadTooLarge(f"Send at most {limit} bytes")
        pieces.append(piece)
    return b"".join(pieces)

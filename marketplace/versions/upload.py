"""Reading an uploaded package, bounded while it streams."""

from fastapi import Request

from kernel.errors import PayloadTooLarge, UnsupportedMedia
from marketplace.package.limits import MAX_ARCHIVE

_MEDIA_TYPE = "application/zip"


async def read_upload(request: Request) -> bytes:
    """The body of a request.

    Raises:
        UnsupportedMedia: it isn't announced as a zip.
        PayloadTooLarge: longer than a package may be.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        raise UnsupportedMedia(f"Send the package as {_MEDIA_TYPE}")
    pieces: list[bytes] = []
    length = 0
    async for piece in request.stream():
        length += len(piece)
        if length > MAX_ARCHIVE:
            raise PayloadTooLarge(f"A package has at most {MAX_ARCHIVE} bytes")
        pieces.append(piece)
    return b"".join(pieces)

"""Reading a source that somebody names."""

from kernel.errors import Invalid
from kernel.secret_sources.errors import SecretUnavailable
from kernel.secret_sources.source import Reference, SecretSources


async def read_source(sources: SecretSources, reference: Reference) -> bytes:
    """The secret, which is a text.

    Raises:
        Invalid: the source can't give it.
    """
    try:
        value = await sources.read(reference)
        value.decode()
    except SecretUnavailable as error:
        raise Invalid.field(
            "source", f"can't give the secret: {error}", "Put it there first, or name another"
        ) from error
    except UnicodeDecodeError as error:
        raise Invalid.field("source", "gives no UTF-8 text", "Keep binary secrets as text, e.g. in Base64") from error
    return value

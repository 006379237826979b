"""What is said of a body as a whole."""

from typing import Final

from kernel.wording import Wordings

BODIES: Final = Wordings("body")
NOT_JSON = BODIES.add("syntax", "is not valid JSON")
UNREADABLE = BODIES.add("unreadable", "can't be read", "Send JSON in UTF-8, nested at most a few hundred levels deep")
TOO_LARGE = BODIES.add("too_large", "is too large", "Send at most {limit} bytes")

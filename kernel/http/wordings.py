"""What is said of a body as a whole, and of names in a query."""

from typing import Final

from kernel.wording import Wordings

BODIES: Final = Wordings("body")
NOT_JSON = BODIES.add("syntax", "is not valid JSON")
UNREADABLE = BODIES.add("unreadable", "can't be read", "Send JSON in UTF-8, nested at most a few hundred levels deep")
TOO_LARGE = BODIES.add("too_large", "is too large", "Send at most {limit} bytes")

QUERIES: Final = Wordings("query")
UNKNOWN_PARAMETER = QUERIES.add("unknown", "is no parameter of this address", "It knows {known}")
MISNAMED_PARAMETER = QUERIES.add(
    "misnamed", "is no parameter of this address", "Perhaps {nearest} is meant; it knows {known}"
)
NO_PARAMETERS = QUERIES.add("none", "is no parameter of this address", "Leave it out: it knows none")

from collections.abc import Iterable

from trunkline.cli.client import fail


def named_values(pairs: Iterable[str]) -> dict[str, str]:
    """Options written NAME=VALUE; ends the command for one that isn't."""
    found = dict[str, str]()
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            fail(f"{pair} is not NAME=VALUE", code=2)
        found[name] = value
    return found

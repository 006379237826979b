"""Which converge gateways wait for branches, and which only gather ways."""

from collections.abc import Collection, Mapping, Sequence

Way = tuple[str, str]
"""(source, target)."""


def gathering(kinds: Mapping[str, str], ways: Sequence[Way]) -> frozenset[str]:
    """Converge gateways (``join``) that close no parallel: all ways into them lie in the same branches.

    Args:
        kinds: node → kind; ``parallel`` and ``inclusive`` open branches.
    """
    out: dict[str, list[str]] = {name: [] for name in kinds}
    for source, target in ways:
        if source in out and target in out:
            out[source].append(target)
    inside: dict[str, set[tuple[Way, ...]]] = {name: set() for name in kinds}
    starts = kinds.keys() - {target for _, target in ways}
    for name in starts:
        inside[name].add(())
    only_gather: set[str] = set()
    for name in _onwards(starts, out):
        branches = inside[name]
        if kinds[name] == "join":
            if len(branches) == 1 and not _closes(next(iter(branches)), kinds, ways, name):
                only_gather.add(name)
            else:
                branches = {branch[:-1] for branch in branches}
        for target in out[name]:
            opened = ((name, target),) if kinds[name] in {"parallel", "inclusive"} else ()
            inside[target] |= {branch + opened for branch in branches}
    return frozenset(only_gather)


def _closes(branch: tuple[Way, ...], kinds: Mapping[str, str], ways: Sequence[Way], name: str) -> bool:
    """A parallel with one branch only is closed by the first converge gateway in it."""
    if not branch:
        return False
    opener = branch[-1][0]
    single = sum(source == opener for source, _ in ways) == 1
    return single and kinds[opener] in {"parallel", "inclusive"} and name != opener


def _onwards(starts: Collection[str], out: Mapping[str, Sequence[str]]) -> list[str]:
    """Names so that a node follows all that lead to it, but for ways that lead back."""
    finished: list[str] = []
    seen: set[str] = set()
    for start in sorted(starts):
        pending = [(start, iter(out[start]))]
        seen.add(start)
        while pending:
            name, targets = pending[-1]
            onward = next((target for target in targets if target not in seen), None)
            if onward is None:
                finished.append(name)
                pending.pop()
            else:
                seen.add(onward)
                pending.append((onward, iter(out[onward])))
    return finished[::-1]

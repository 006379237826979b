"""Whose plugins are told next. Pure."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping


def choose(waiting: Iterable[tuple[str, str]], under_way: Mapping[str, int], room: int, share: int) -> list[str]:
    """Again and again the first of the project that has fewest under way; of equals the one that waits longest.

    Args:
        waiting: (run, project), those of one project in their order.
        under_way: project → how many of its plugins are being told.
        room: how many are chosen at most.
        share: how many of one project may be under way: since it never has all places, its plugins that do not answer
            hold up no other project.
    """
    lines: dict[str, deque[str]] = {}
    for run, project in waiting:
        lines.setdefault(project, deque()).append(run)
    out, chosen = Counter(under_way), list[str]()
    while len(chosen) < room:
        able = [project for project in lines if out[project] < share]
        if not able:
            break
        project = min(able, key=out.__getitem__)
        chosen.append(lines[project].popleft())
        out[project] += 1
        if not lines[project]:
            del lines[project]
    return chosen

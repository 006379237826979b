"""Ranges of versions: `>=1.2.0 <2.0.0 || =3.1.0`. Pure.

Parts between `||` are alternatives; within one, every comparison must hold. `*` is every version. Versions are compared
by precedence (Semantic Versioning 2.0.0 §11), so `<2.0.0` holds for `2.0.0-rc.1`.
"""

import re
from dataclasses import dataclass

import semver

MAX_LENGTH = 200
_COMPARISON = re.compile(r"(>=|<=|>|<|=)?(.+)")
_SIGNS = {">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0), "=": (0,)}


@dataclass(frozen=True, slots=True)
class _Comparison:
    sign: str
    version: semver.Version

    def holds(self, version: semver.Version) -> bool:
        return version.compare(self.version) in _SIGNS[self.sign]


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Attributes:
    alternatives: comparisons of which all must hold, in any one of them.
    """

    text: str
    alternatives: tuple[tuple[_Comparison, ...], ...]

    def admits(self, version: str) -> bool:
        parsed = semver.Version.parse(version)
        return any(all(each.holds(parsed) for each in alternative) for alternative in self.alternatives)


def read_range(text: str) -> VersionRange:
    """Raises ValueError: what is wrong with it, for people."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"is longer than {MAX_LENGTH} characters")
    return VersionRange(text, tuple(_alternative(part) for part in text.split("||")))


def _alternative(text: str) -> tuple[_Comparison, ...]:
    parts = text.split()
    if not parts:
        raise ValueError("holds nothing to compare with")
    return () if parts == ["*"] else tuple(_comparison(part) for part in parts)


def _comparison(text: str) -> _Comparison:
    found = _COMPARISON.fullmatch(text)
    if found is None or not semver.Version.is_valid(found[2]):
        raise ValueError(f"{text[:80]!r} is no comparison with a version")
    return _Comparison(found[1] or "=", semver.Version.parse(found[2]))

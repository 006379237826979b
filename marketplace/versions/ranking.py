"""Which of a plugin's versions is the one to show and to offer. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

import semver

STABLE = "stable"
BETA = "beta"


@dataclass(frozen=True, slots=True)
class Candidate:
    version: str
    channel: str
    is_yanked: bool = False


def rank(version: str) -> tuple[bool, semver.Version]:
    """Orders versions; what is released stands above every pre-release."""
    parsed = semver.Version.parse(version)
    return parsed.prerelease is None, parsed


def usual_channel(version: str) -> str:
    """Where a version is published when nothing else is asked for."""
    return STABLE if semver.Version.parse(version).prerelease is None else BETA


def latest_version(candidates: Iterable[Candidate]) -> str | None:
    """The highest of channel stable, or of all where it has none; none when every version is yanked."""
    offered = [candidate for candidate in candidates if not candidate.is_yanked]
    stable = [candidate for candidate in offered if candidate.channel == STABLE]
    return max((candidate.version for candidate in stable or offered), key=rank, default=None)


def latest_by_channel(candidates: Iterable[Candidate]) -> dict[str, str]:
    """The highest version of each channel that has one to offer, by name."""
    found: dict[str, str] = {}
    for candidate in candidates:
        if candidate.is_yanked:
            continue
        known = found.get(candidate.channel)
        if known is None or rank(candidate.version) > rank(known):
            found[candidate.channel] = candidate.version
    return dict(sorted(found.items()))


def may_stand_in(version: str, channel: str) -> bool:
    """Pre-releases are never stable."""
    return channel != STABLE or usual_channel(version) == STABLE

"""Semantic versions of releases: how far a version must step for what changed. Pure. (semver.org 2.0.0)"""

import re
from enum import IntEnum
from typing import Literal

Bump = Literal["auto", "major", "minor", "patch"]
Version = tuple[int, int, int]

FIRST: Version = (1, 0, 0)


class Level(IntEnum):
    """What a change means to callers; the higher of two counts.

    Attributes:
        TEXT: what people read.
        INNER: how it is answered; callers needn't know.
        ADDED: callers can do more.
        BREAKING: a caller that worked may not work any more.
    """

    TEXT = 0
    INNER = 1
    ADDED = 2
    BREAKING = 3


def parse(version: str) -> Version:
    """Without pre-release and build, which only BlueKing's clients give."""
    major, minor, patch = re.split(r"[-+]", version, maxsplit=1)[0].split(".")
    return int(major), int(minor), int(patch)


def text_of(version: Version) -> str:
    return ".".join(map(str, version))


def needed(newest: Version, level: Level) -> Version:
    """The lowest version that tells callers what changed. Before 1.0.0 a minor step tells of a breaking change."""
    if level is Level.BREAKING:
        return stepped(newest, "major" if newest[0] else "minor")
    return stepped(newest, "minor" if level is Level.ADDED else "patch")


def stepped(newest: Version, bump: Literal["major", "minor", "patch"]) -> Version:
    major, minor, patch = newest
    if bump == "major":
        return major + 1, 0, 0
    return (major, minor + 1, 0) if bump == "minor" else (major, minor, patch + 1)

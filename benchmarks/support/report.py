"""Figures as a table for people and as JSON lines for programs."""

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    quick: bool
    json_file: Path | None


def parse_options(description: str) -> Options:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds; figures are rougher")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append the figures as JSON lines")
    given = parser.parse_args()
    return Options(given.quick, given.json)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and the middle half of some figures."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        low, median, high = statistics.quantiles(figures, n=4, method="inclusive")
        return cls(median, low, high)

    def __str__(self) -> str:
        return f"{self.median:.3g}  ({self.low:.3g} … {self.high:.3g})"


def append_line(
    file: Path | None, *, bench: str, case: str, metric: str, unit: str, ours: float, peers: Mapping[str, float | None]
) -> None:
    """One JSON line; a peer that could not be had stands there as null."""
    if file is None:
        return
    line = {"bench": bench, "case": case, "metric": metric, "unit": unit, "ours": ours, "peers": dict(peers)}
    with file.open("a") as output:
        output.write(json.dumps(line) + "\n")


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

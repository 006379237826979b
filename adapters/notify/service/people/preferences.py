"""What people want to hear of, by which kinds of message, and when not to be disturbed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Importance = Literal["low", "normal", "high", "urgent"]
URGENT: Final = "urgent"


@dataclass(frozen=True, slots=True)
class Rule:
    """Attributes:
    topic: of messages; empty for all.
    importance: of messages; empty for all.
    msg_types: by which the receiver wants them; empty for not at all.
    """

    topic: str
    importance: Sequence[str]
    msg_types: Sequence[str]

    def matches(self, topic: str, importance: str) -> bool:
        return self.topic in {"", topic} and (not self.importance or importance in self.importance)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times of a day; `start` after `end` goes over midnight, the same twice is the whole day."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Preferences:
    time_zone: str = "UTC"
    quiet: QuietHours | None = None
    rules: Sequence[Rule] = ()

    def msg_types(self, topic: str, importance: str) -> Sequence[str] | None:
        """The kinds of message of the first rule that matches; none without such a rule."""
        return next((rule.msg_types for rule in self.rules if rule.matches(topic, importance)), None)

    def refuses(self, topic: str, importance: str, msg_type: str) -> bool:
        """Whether a rule that names the topic leaves this kind of message out."""
        if not topic:
            return False
        named = (rule for rule in self.rules if rule.topic == topic and rule.matches(topic, importance))
        rule = next(named, None)
        return rule is not None and msg_type not in rule.msg_types

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the quiet hours that it is now are over; none when there are none now.

        Where a clock is put forward over the end, they end that much later by the clock.
        """
        if self.quiet is None:
            return None
        zone = ZoneInfo(self.time_zone)
        local = now.astimezone(zone)
        end = self.quiet.end
        if not self.quiet.holds(local.time()):
            return None
        day = local.date() if local.time() < end else local.date() + timedelta(days=1)
        return datetime.combine(day, end, zone).astimezone(UTC)

"""When a cron is due. Pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from adapters.job.service.crons.models import CronStatus, JobCron
from adapters.job.service.errors import ParameterWrong
from adapters.job.service.repository import milliseconds
from kernel.cron import CronWrong, check_rule, time_zones, times_after


def check(cron: JobCron) -> None:
    """Raises:
    ParameterWrong: when it would be due can't be told, or by both ways.
    """
    if cron.time_zone not in time_zones():
        raise ParameterWrong("time_zone", f"{cron.time_zone} is no time zone; send a name such as Asia/Shanghai or UTC")
    if bool(cron.expression) == (cron.execute_ms is not None):
        raise ParameterWrong("expression", "is missing; send it, or execute_time, and not both")
    if cron.expression:
        try:
            check_rule(cron.expression)
        except CronWrong as wrong:
            raise ParameterWrong("expression", str(wrong)) from None


def next_ms(cron: JobCron, now: datetime) -> int | None:
    """Of a started one, the first time after `now`; none when there is none any more."""
    if cron.status != CronStatus.STARTED:
        return None
    if cron.execute_ms is not None:
        return cron.execute_ms if cron.execute_ms > milliseconds(now) else None
    following = next(times_after(cron.expression, ZoneInfo(cron.time_zone), now.astimezone(UTC)), None)
    return milliseconds(following) if following is not None else None

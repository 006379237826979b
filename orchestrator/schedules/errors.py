from kernel.errors import Conflict


class TooManySchedules(Conflict):
    """A project has as many schedules as it may have."""

    code = "too_many_schedules"


class ScheduleOver(Conflict):
    """Nothing is to come of the schedule any more."""

    code = "schedule_over"

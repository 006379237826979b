from kernel.errors import Conflict, TooManyRequests


class TooManyTriggers(Conflict):
    """A project has as many triggers as it may have."""

    code = "too_many_triggers"


class TriggerOff(Conflict):
    """The trigger is switched off."""

    code = "trigger_off"


class CallRefused(Conflict):
    """The call was understood, and nothing could come of it."""

    code = "trigger_refused"


class CalledTooOften(TooManyRequests):
    """More calls in a minute than the trigger takes."""

    code = "trigger_called_too_often"

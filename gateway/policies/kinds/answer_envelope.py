"""Answers of BlueKing's newer APIs in the envelope of its components."""

from gateway.policies.kinds.policy import Config, Kind


class AnswerEnvelope(Config):
    """`{"data": …}` and `{"error": {"code", "message"}}` become `result`, `code`, `message`, `data`, with HTTP 200. An
    answer that has `result` already, or is neither, stays as it is.
    """


KIND = Kind("answer-envelope", "Answers of data or error in the envelope of BlueKing's components.", AnswerEnvelope)

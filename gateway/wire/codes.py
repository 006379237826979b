"""The error codes BlueKing clients know: of the API Gateway (16…) and of the ESB (13…)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of refusal on both URL shapes.

    Attributes:
        status: HTTP status on ``/api/{system}/{stage}/…``; the ESB shape answers 200.
        code: the API Gateway's code, ``name`` its name, ``message`` its text for people.
        esb_code: the code in the ESB's envelope.
    """

    status: int
    code: int
    name: str
    message: str
    esb_code: int


INVALID_ARGS = Code(400, 1640001, "INVALID_ARGS", "Parameters error", 1306406)
CREDENTIALS_INVALID = Code(400, 1640001, "INVALID_ARGS", "Parameters error", 1306000)
JWT_VERIFY_FAILED = Code(400, 1640004, "JWT_VERIFY_FAILED", "JWT verification failed", 1306408)
UNAUTHORIZED = Code(401, 1640100, "UNAUTHORIZED", "Unauthorized", 1306000)
USER_REQUIRED = Code(401, 1640102, "USER_VERIFY_FAILED", "User verification failed", 1306000)
APP_NO_PERMISSION = Code(403, 1640301, "APP_NO_PERMISSION", "App has no permission to the resource", 1306403)
IP_NOT_ALLOWED = Code(403, 1640302, "IP_NOT_ALLOWED", "IP is not allowed", 1306403)
API_NOT_FOUND = Code(404, 1640401, "API_NOT_FOUND", "API not found", 1306404)
NO_TEST_STAGE = Code(404, 1640401, "API_NOT_FOUND", "API not found", 1306206)
BODY_TOO_LARGE = Code(413, 1641301, "REQUEST_BODY_TOO_LARGE", "Request body is too large", 1306406)
URI_TOO_LONG = Code(414, 1641401, "REQUEST_URI_TOO_LONG", "Request URI is too long", 1306406)
TOTAL_LIMITED = Code(429, 1642901, "RATE_LIMIT_RESTRICTION", "The limit for all callers is exceeded", 1306429)
CALLER_LIMITED = Code(429, 1642902, "RATE_LIMIT_RESTRICTION", "The caller's limit is exceeded", 1306429)
COMPONENT_LIMITED = Code(429, 1642903, "RATE_LIMIT_RESTRICTION", "The component's limit is exceeded", 1306429)
CONCURRENCY_LIMITED = Code(429, 1642904, "CONCURRENCY_LIMIT_RESTRICTION", "Too many calls are under way", 1306429)
INTERNAL = Code(500, 1650001, "INTERNAL_ERROR", "Internal error", 1306000)
INVALID_RESOURCE = Code(500, 1650002, "INVALID_RESOURCE_CONFIG", "Invalid resource configuration", 1306206)
BAD_GATEWAY = Code(502, 1650200, "BAD_GATEWAY", "Bad gateway", 1306201)
BAD_ANSWER = Code(502, 1650201, "ERROR_REQUESTING_RESOURCE", "Request to the backend failed", 1306201)
BACKEND_TLS = Code(502, 1650200, "BAD_GATEWAY", "Bad gateway", 1306203)
UNAVAILABLE = Code(503, 1650300, "SERVICE_UNAVAILABLE", "Service unavailable", 1306201)
BACKEND_TIMEOUT = Code(504, 1650401, "REQUEST_BACKEND_TIMEOUT", "Request backend timeout", 1306201)
RECURSION = Code(508, 1650801, "RECURSIVE_REQUEST_DETECTED", "Recursive request detected", 1306000)

ESB_SUCCESS = 0
ESB_GENERIC = 1306000
ESB_BACKEND_FAILED = 1306201
ESB_NO_COMPONENT = 1306404
ESB_UNKNOWN_PATH = "The content does not exist"

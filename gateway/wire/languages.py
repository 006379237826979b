"""The texts of errors in Chinese, for clients that send ``Blueking-Language: zh-hans``."""

from types import MappingProxyType

CHINESE = MappingProxyType(
    {
        "API not found": "请求的接口不存在",
        "App has no permission to the resource": "应用没有访问该接口的权限",
        "Bad gateway": "网关错误",
        "IP is not allowed": "来源 IP 不允许访问",
        "Internal error": "网关内部错误",
        "Invalid resource configuration": "接口配置有误",
        "JWT verification failed": "JWT 校验失败",
        "Parameters error": "参数错误",
        "Recursive request detected": "检测到递归调用",
        "Request URI is too long": "请求地址过长",
        "Request backend timeout": "请求后端超时",
        "Request body is too large": "请求体过大",
        "Request to the backend failed": "请求后端失败",
        "Service unavailable": "服务暂不可用",
        "The caller's limit is exceeded": "调用方的请求频率超过限制",
        "The component's limit is exceeded": "该接口的请求频率超过限制",
        "The content does not exist": "请求的内容不存在",
        "The limit for all callers is exceeded": "请求频率超过总限制",
        "Too many calls are under way": "并发请求数超过限制",
        "Unauthorized": "未认证",
        "User verification failed": "用户认证失败",
        "app_code or app_secret is incorrect": "应用编码或应用密钥错误",
        "no credential was given": "未提供认证信息",
        "the component needs a user: send bk_token or a user's token": "请提供有效的用户身份，如 bk_token",
        "the parameters are neither JSON nor a form": "参数既不是 JSON 也不是表单",
    }
)
"""Reasons that name what was sent stay in English."""


def is_chinese(language: bytes) -> bool:
    return language.strip().lower().startswith(b"zh")


def translated(text: str) -> str:
    return CHINESE.get(text, text)

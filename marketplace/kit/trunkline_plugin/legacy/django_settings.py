"""`django.conf.settings`, as far as data APIs read it."""

import os
from typing import Any

from trunkline_plugin.settings import current


class DjangoSettings:
    """The plugin's own settings first, then what the platform tells about the app, then the environment."""

    def __getattr__(self, name: str) -> Any:
        settings = current()
        known = {
            "APP_CODE": settings.app_code,
            "BK_APP_CODE": settings.app_code,
            "BK_APP_SECRET": settings.app_secret,
            "SECRET_KEY": settings.app_secret,
            "BKPAAS_ENVIRONMENT": settings.environment,
            "ENVIRONMENT": settings.environment,
            "BK_APIGW_NAME": settings.gateway,
            "DEBUG": settings.is_development,
        }
        for source in (settings.extra, known, os.environ):
            if name in source:
                return source[name]
        raise AttributeError(f"The setting {name} is missing; put it into bk_plugin/settings.py or the environment")


settings = DjangoSettings()

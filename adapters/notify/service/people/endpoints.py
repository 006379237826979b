"""The components about people's preferences."""

from typing import Final

from adapters.notify.service.people import schemas
from adapters.notify.service.people.preference_service import PreferenceService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_MANAGE: Final = "notify:manage"


def register_preference_components(app: ComponentApp, preferences: PreferenceService) -> None:
    app.change(
        "set_preferences",
        schemas.SetPreferences,
        schemas.PreferencesView,
        preferences.set_preferences,
        scope=_MANAGE,
        summary=Words("Set a user's preferences", "设置用户偏好"),
        description=Words(
            "Which kinds of message for which topic and importance, and quiet hours in the user's time zone.",
            "按主题与重要程度选择消息类型，并设置用户时区的免打扰时段。",
        ),
    )
    app.read(
        "get_preferences",
        schemas.OfUser,
        schemas.PreferencesView,
        preferences.get_preferences,
        scope=_MANAGE,
        summary=Words("Read a user's preferences", "查询用户偏好"),
        description=Words("As they apply now.", "当前生效的设置。"),
    )
    app.change(
        "delete_preferences",
        schemas.OfUser,
        schemas.PreferencesView,
        preferences.delete_preferences,
        scope=_MANAGE,
        summary=Words("Delete a user's preferences", "删除用户偏好"),
        description=Words("The user is reached as callers ask.", "此后按调用方的要求发送。"),
    )

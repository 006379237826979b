"""The words of form.js: tags, attributes, events and functions BlueKing's forms are written with."""

from typing import Final

COMMON_ATTRIBUTES: Final = frozenset(
    (
        "name",
        "hookable",
        "validation",
        "default",
        "value",
        "hidden",
        "formViewHidden",
        "cols",
        "tips",
        "desc",
        "disabled",
        "placeholder",
    )
)
_REMOTE: Final = "remote remote_url remote_data_init"

TAGS: Final = {
    kind: frozenset(attributes.split())
    for kind, attributes in {
        "input": "showPassword",
        "textarea": "",
        "int": "min max",
        "radio": "items",
        "checkbox": "items",
        "select": f"items multiple multiple_limit {_REMOTE} hasGroup clearable allowCreate empty_text showRightBtn "
        "rightBtnIcon rightBtnCb",
        "datatable": f"columns editable rowEditable deleteable add_btn empty_text pagination page_size table_buttons "
        f"row_click_handler row_draggable {_REMOTE}",
        "combine": "children",
        "tree": f"items show_checkbox default_expand_all expanded_keys check_strictly {_REMOTE}",
        "cascader": f"items multiple filterable lazy lazyLoad {_REMOTE}",
        "datetime": "type format",
        "time": "isRange format",
        "password": "pubKey canUseVar textareaMode",
        "upload": "url headers multiple auto_upload limit data_params withCredentials submit httpRequest beforeUpload "
        "onSuccess onRemove onError",
        "member_selector": "",
        "code_editor": "language height showMiniMap showLanguageSwitch readOnly variable_render",
        "ip_selector": f"isMultiple {_REMOTE}",
        "set_allocation": _REMOTE,
        "host_allocation": _REMOTE,
        "section": "",
        "text": "raw",
        "button": "title type size icon",
        "log_display": "",
    }.items()
}
"""Types of tags with the attributes of their own."""

UPLOAD_HEADERS: Final = ("Accept-Language", "Content-Language", "Upload-Ticket")
"""What an upload may say in `headers`: nothing that tells who somebody is, or where the request came from."""

WITHOUT_VALUE: Final = frozenset({"section", "text", "button", "log_display"})
CHOICES: Final = frozenset({"radio", "checkbox", "select"})
REMOTE_TAGS: Final = frozenset(
    {"select", "datatable", "tree", "cascader", "ip_selector", "set_allocation", "host_allocation"}
)

EVENTS: Final = frozenset({"init", "change", "click", "blur"})
VALIDATIONS: Final = frozenset({"required", "regex", "custom"})
CONTEXT: Final = frozenset(
    (
        "project",
        "biz_cc_id",
        "site_url",
        "component",
        "variable",
        "template",
        "instance",
        "exec_env",
        "input_form",
        "output_form",
        "bk_plugin_api_host",
        "get",
        "getBkBizId",
        "getProjectId",
        "canSelectBiz",
        "getConstants",
        "getOutput",
        "getInput",
        "getNodeStatus",
    )
)
INSTANCE: Final = frozenset(
    (
        "get_parent",
        "get_child",
        "get_value",
        "_get_value",
        "set_value",
        "_set_value",
        "updateForm",
        "show",
        "hide",
        "validate",
        "emit_event",
        "get_tag_value",
        "changeHook",
        "getVariableVal",
        "set_loading",
        "remoteMethod",
        "add_row",
        "export2Excel",
    )
)
STATE: Final = frozenset(
    ("value", "items", "columns", "remote_url", "table_buttons", "placeholder", "disabled", "loading", "tagCode")
)
"""What functions read of a tag, and but for its code write."""
GLOBALS: Final = frozenset(
    (
        "$.ajax",
        "$.each",
        "gettext",
        "show_msg",
        "alert",
        "getCookie",
        "window.open",
        "window.BK_JOB_HOST",
        "window.FILE_UPLOAD_ENTRY",
        "window.APP_CODE",
    )
)

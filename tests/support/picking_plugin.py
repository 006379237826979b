"""A plugin whose form.js asks the inventory and the job system for choices."""

from typing import Any

from marketplace.package.archive import write_archive
from tests.support.packages import files_of

CODE = "pick_places"
SCOPES = ["cmdb:read", "job:execute", "job:read"]
FORM = """
(function () {
    var site = $.context.get("site_url");
    function data(resp) { return resp.data; }
    $.atoms.pick_places = [
        {
            tag_code: "biz", type: "select",
            attrs: {
                name: "Business", remote: true,
                remote_url: site + "pipeline/cc_get_business_list/", remote_data_init: data
            }
        },
        {
            tag_code: "set", type: "select",
            attrs: {
                name: "Set", remote: true, remote_url: "", remote_data_init: data, validation: [{type: "required"}]
            },
            events: [{source: "biz", type: "change", action: function (value) {
                this.remote_url = site + "pipeline/cc_get_set/" + value + "/";
                this.remoteMethod();
            }}]
        },
        {
            tag_code: "first", type: "input", attrs: {name: "First set"},
            events: [{source: "biz", type: "change", action: function (value) {
                var found = "";
                $.ajax({url: site + "pipeline/cc_get_set_list/" + value + "/", async: false,
                        success: function (resp) { found = resp.data[resp.data.length - 1].value; }});
                this._set_value(found + " " + $.context.exec_env);
            }}]
        },
        {
            tag_code: "hosts", type: "ip_selector",
            attrs: {name: "Hosts", remote_url: function () {
                return {cc_search_host: site + "pipeline/cc_search_host/BIZ/"};
            }}
        },
        {
            tag_code: "files", type: "upload",
            attrs: {
                name: "Files", url: window.FILE_UPLOAD_ENTRY, limit: 1, hookable: false,
                data_params: {biz_cc_id: BIZ}, auto_upload: false, headers: {"Upload-Ticket": "t1", "X-CSRFToken": "c"},
                submit: function () { show_msg("files go", "info"); },
                beforeUpload: function (file) { return file.size > 0; },
                onSuccess: function (response, file) { file.path = response.tag.tags.path; }
            }
        },
        {
            tag_code: "spy", type: "input", attrs: {name: "Spy", hookable: false},
            methods: {_tag_init: function () { $.get("/v1/users", function (found) { this.value = "seen"; }); }}
        }
    ];
})();
"""


def archive(business: int) -> bytes:
    manifest: dict[str, Any] = {
        "code": CODE,
        "version": "1.0.0",
        "kind": "component",
        "publisher": "acme",
        "name": {"en": "Pick places", "zh": "选择位置"},
        "description": {"en": "Picks places.", "zh": "选择位置。"},
        "inputs": {
            "type": "object",
            "properties": {name: {} for name in ("biz", "set", "first", "hosts", "files", "spy")},
        },
        "outputs": {"type": "object", "properties": {"sets": {"type": "integer"}}},
        "scopes": [{"scope": scope, "reason": {"en": "To choose.", "zh": "用于选择。"}} for scope in SCOPES],
        "form_components": FORM_COMPONENTS,
        "component": {
            "call": {"component": "cmdb.search_set", "body": {"bk_biz_id": "${inputs.biz}"}},
            "outputs": {"sets": "${response.data.count}"},
        },
    }
    return write_archive({**files_of(manifest), "form.js": FORM.replace("BIZ", str(business)).encode()})


FORM_COMPONENTS = [
    "cmdb.search_business",
    "cmdb.search_object_attribute",
    "cmdb.search_biz_inst_topo",
    "cmdb.list_biz_hosts_topo",
    "cmdb.search_dynamic_group",
    "cmdb.count_hosts_by_topo",
    "cmdb.search_module",
    "job.get_script_list",
    "job.upload_local_file",
    "job.get_account_list",
    "job.get_job_plan_list",
    "job.get_job_plan_detail",
    "job.get_job_instance_list",
]

// expects {"values": {"set": ""}, "requests": ["GET /o/bk_sops/pipeline/cc_search_set/42/"]}
(function () {
    $.atoms.select_remote = [
        {
            tag_code: "set", type: "select",
            attrs: {
                name: "Set", hookable: true, remote: true,
                remote_url: $.context.get("site_url") + "pipeline/cc_search_set/" + $.context.getBkBizId() + "/",
                remote_data_init: function (resp) {
                    if (resp.result === false) {
                        show_msg(resp.message, "error");
                    }
                    return resp.data;
                }
            }
        }
    ];
})();

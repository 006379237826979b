// expects {"values": {"version": ""}, "requests": ["GET /plugin_service/data_api/my_plugin/bk_plugin/plugin_api/versions"]}
(function () {
    $.atoms["my_plugin"] = [
        {
            tag_code: "version", type: "select",
            attrs: {
                name: "Version", hookable: true, remote: true,
                remote_url: $.context.bk_plugin_api_host["my_plugin"] + "bk_plugin/plugin_api/versions",
                remote_data_init: function (resp) { return resp.data; }
            }
        }
    ];
})();

// expects {"values": {"env": "prod", "module": ""}, "requests": ["GET /o/bk_sops/pipeline/modules/?env=prod"]}
(function () {
    $.atoms.select_remote_function = [
        {tag_code: "env", type: "input", attrs: {name: "Environment", default: "prod"}},
        {
            tag_code: "module", type: "select",
            attrs: {
                name: "Module", remote: true,
                remote_url: function () {
                    return $.context.get("site_url") + "pipeline/modules/?env=" + this.get_parent().get_child("env").value;
                },
                remote_data_init: function (resp) { return resp.data; }
            },
            events: [{source: "env", type: "change", action: function () { this.remoteMethod(); }}]
        }
    ];
})();

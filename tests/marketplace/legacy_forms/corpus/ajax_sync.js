// expects {"values": {"owner": "nobody"}, "requests": ["GET /o/bk_sops/pipeline/owner/"]}
(function () {
    $.atoms.ajax_sync = [
        {
            tag_code: "owner", type: "input", attrs: {name: "Owner", default: "nobody"},
            events: [
                {
                    source: "owner", type: "init",
                    action: function () {
                        var found = "";
                        $.ajax({url: $.context.get("site_url") + "pipeline/owner/", type: "GET", async: false, success: function (resp) { found = resp.data; }});
                        if (found) { this.value = found; }
                    }
                }
            ]
        }
    ];
})();

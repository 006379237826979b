// expects {"values": {"status": "asked"}, "requests": ["GET /o/bk_sops/pipeline/status/?biz=42"]}
(function () {
    $.atoms.ajax_form = [
        {
            tag_code: "status", type: "input", attrs: {name: "Status"},
            methods: {
                _tag_init: function () {
                    var self = this;
                    self.set_loading(true);
                    self._set_value("asked");
                    $.ajax({
                        url: $.context.get("site_url") + "pipeline/status/", type: "GET", data: {biz: $.context.getBkBizId()}, dataType: "json",
                        success: function (resp) { self._set_value(resp.data); self.set_loading(false); },
                        error: function () { show_msg(gettext("asking failed"), "error"); self.set_loading(false); }
                    });
                }
            }
        }
    ];
})();

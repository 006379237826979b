// expects {"values": {"biz": "42", "ready": "yes"}}
(function () {
    $.atoms.tag_init = [
        {tag_code: "biz", type: "input", attrs: {name: "Business"}, methods: {_tag_init: function () { if (!this.value) { this._set_value(String($.context.getBkBizId())); } }}},
        {tag_code: "ready", type: "input", attrs: {name: "Ready"}, events: [{source: "biz", type: "init", action: function (value) { this.updateForm(value === "42" ? "yes" : "no"); }}]}
    ];
})();

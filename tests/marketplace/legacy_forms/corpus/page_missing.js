// expects {"values": {"theme": "none"}, "unsupported": true}
(function () {
    $.atoms.page_missing = [
        {
            tag_code: "theme", type: "input", attrs: {name: "Theme"},
            methods: {_tag_init: function () { this._set_value(localStorage.getItem("theme").length ? "kept" : "none"); }}
        }
    ];
})();

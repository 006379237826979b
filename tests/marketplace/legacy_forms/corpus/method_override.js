// expects {"values": {"code": "A-1"}}
(function () {
    $.atoms.method_override = [
        {
            tag_code: "code", type: "input", attrs: {name: "Code", default: "a-1"},
            methods: {
                _tag_init: function () { this._set_value(this.upper()); },
                upper: function () { return this.value.toUpperCase(); }
            }
        }
    ];
})();

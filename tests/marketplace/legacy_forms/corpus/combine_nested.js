// expects {"values": {"outer": {"inner": {"leaf": "x"}, "copy": "x"}}}
(function () {
    $.atoms.combine_nested = [
        {
            tag_code: "outer", type: "combine",
            attrs: {
                name: "Outer",
                children: [
                    {tag_code: "inner", type: "combine", attrs: {name: "Inner", children: [{tag_code: "leaf", type: "input", attrs: {name: "Leaf", default: "x"}}]}},
                    {
                        tag_code: "copy", type: "input", attrs: {name: "Copy", disabled: true},
                        events: [{source: "copy", type: "init", action: function () { this.set_value(this.get_parent().get_child("inner").get_child("leaf").get_value()); }}]
                    }
                ]
            }
        }
    ];
})();

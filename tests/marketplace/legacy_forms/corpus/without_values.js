// expects {"values": {"count": 0}}
(function () {
    $.atoms.without_values = [
        {tag_code: "head", type: "section", attrs: {name: "What to do"}},
        {tag_code: "hint", type: "text", attrs: {name: "Hint", raw: true, value: "Press\n    the button."}},
        {tag_code: "go", type: "button", attrs: {title: "Count", type: "primary", size: "small", icon: "plus"}},
        {
            tag_code: "count", type: "int", attrs: {name: "Count", default: 0},
            events: [{source: "go", type: "click", action: function () { this._set_value(this._get_value() + 1); }}]
        },
        {tag_code: "log", type: "log_display", attrs: {name: "Log"}}
    ];
})();

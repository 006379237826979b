// expects {"values": {"box": {"size": 3}, "copy": "3"}}
(function () {
    $.atoms.tag_value_by_path = [
        {tag_code: "box", type: "combine", attrs: {name: "Box", children: [{tag_code: "size", type: "int", attrs: {name: "Size", default: 3}}]}},
        {tag_code: "copy", type: "input", attrs: {name: "Copy"}, events: [{source: "box", type: "init", action: function () { this._set_value(String(this.get_tag_value(["box", "size"]))); }}]}
    ];
})();

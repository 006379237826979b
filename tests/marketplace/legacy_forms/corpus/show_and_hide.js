// expects {"values": {"kind": "script", "script": "", "file": ""}, "hidden": ["file"]}
(function () {
    function only(kind) {
        return function (value) {
            if (value === kind) { this.show(); } else { this.hide(); }
        };
    }
    $.atoms.show_and_hide = [
        {tag_code: "kind", type: "radio", attrs: {name: "Kind", items: [{name: "Script", value: "script"}, {name: "File", value: "file"}], default: "script"}},
        {tag_code: "script", type: "textarea", attrs: {name: "Script", validation: [{type: "required"}]}, events: [{source: "kind", type: "init", action: only("script")}, {source: "kind", type: "change", action: only("script")}]},
        {tag_code: "file", type: "input", attrs: {name: "File", hidden: true, validation: [{type: "required"}]}, events: [{source: "kind", type: "init", action: only("file")}, {source: "kind", type: "change", action: only("file")}]}
    ];
})();

// expects {"values": {"a": "", "b": "set"}, "hidden": ["b"]}
(function () {
    $.atoms.attribute_variety = [
        {tag_code: "a", type: "input", attrs: {name: "A", cols: 6, tips: "a tip", desc: "more of it", placeholder: "write", disabled: true, formViewHidden: true}},
        {tag_code: "b", type: "input", attrs: {name: "B", hidden: true, value: "set", default: "default"}}
    ];
})();

// expects {"values": {"kind": "x", "name": ""}}
(function () {
    $.atoms.unknown_parts = [
        {tag_code: "kind", type: "category", attrs: {name: "Kind", value: "x", hidden: true}},
        {tag_code: "name", type: "input", attrs: {name: "Name", sparkle: true, validation: [{type: "luck"}]}, events: [{source: "kind", type: "change"}], methods: {look: function () { return $.context.getMoon(); }}}
    ];
})();

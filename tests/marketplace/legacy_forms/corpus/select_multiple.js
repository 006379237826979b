// expects {"values": {"modules": ["web"]}}
(function () {
    $.atoms.select_multiple = [
        {tag_code: "modules", type: "select", attrs: {name: "Modules", multiple: true, multiple_limit: 2, items: [{text: "Web", value: "web"}, {text: "Store", value: "store"}], default: ["web"]}}
    ];
})();

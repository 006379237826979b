// expects {"values": {"account": "root", "level": 2}}
(function () {
    $.atoms.select_single = [
        {tag_code: "account", type: "select", attrs: {name: "Account", items: [{text: "root", value: "root"}, {text: "app", value: "app"}], default: "root", clearable: true, empty_text: "none"}},
        {tag_code: "level", type: "select", attrs: {name: "Level", items: [{text: "low", value: 1}, {text: "high", value: 2}], default: 2}}
    ];
})();

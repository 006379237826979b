// expects {"values": {"tag": "own"}}
(function () {
    $.atoms.select_create = [
        {tag_code: "tag", type: "select", attrs: {name: "Tag", allowCreate: true, items: [{text: "blue", value: "blue"}], default: "own"}}
    ];
})();

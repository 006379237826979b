// expects {"values": {"mode": "fast"}}
(function () {
    $.atoms.radio_form = [
        {
            tag_code: "mode", type: "radio",
            attrs: {name: "Mode", items: [{name: "Fast", value: "fast"}, {name: "Careful", value: "careful"}], default: "fast", validation: [{type: "required"}]}
        }
    ];
})();

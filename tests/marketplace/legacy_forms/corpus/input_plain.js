// expects {"values": {"host": "web-1", "note": ""}}
(function () {
    $.atoms["input_plain"] = [
        {tag_code: "host", type: "input", attrs: {name: "Host", hookable: true, default: "web-1", placeholder: "a host's name"}},
        {tag_code: "note", type: "input", attrs: {name: "Note", hookable: false, showPassword: false}}
    ];
})();

// expects {"values": {"target": {"ip": "10.0.0.2", "port": 80}}}
(function () {
    $.atoms.combine_form = [
        {
            tag_code: "target", type: "combine",
            attrs: {
                name: "Target", hookable: true,
                children: [
                    {tag_code: "ip", type: "input", attrs: {name: "IP", default: "10.0.0.2", validation: [{type: "required"}]}},
                    {tag_code: "port", type: "int", attrs: {name: "Port", default: 80, min: 1, max: 65535}}
                ]
            }
        }
    ];
})();

// expects {"values": {"hosts": [{"ip": "10.0.0.1", "port": "22"}]}}
(function () {
    $.atoms.datatable_plain = [
        {
            tag_code: "hosts", type: "datatable",
            attrs: {
                name: "Hosts", editable: true, add_btn: true, deleteable: true, pagination: true, page_size: 5, empty_text: "no hosts",
                columns: [
                    {tag_code: "ip", type: "input", attrs: {name: "IP", validation: [{type: "required"}]}},
                    {tag_code: "port", type: "input", attrs: {name: "Port", default: "22"}}
                ],
                default: [{ip: "10.0.0.1", port: "22"}]
            }
        }
    ];
})();

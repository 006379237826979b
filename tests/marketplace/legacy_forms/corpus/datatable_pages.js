// expects {"values": {"hosts": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}, {"ip": "10.0.0.3"}]}}
(function () {
    $.atoms.datatable_pages = [
        {
            tag_code: "hosts", type: "datatable",
            attrs: {
                name: "Hosts", add_btn: false, row_draggable: true, page_size: 2,
                columns: [{tag_code: "ip", type: "input", attrs: {name: "IP"}}],
                default: [{ip: "10.0.0.1"}, {ip: "10.0.0.2"}, {ip: "10.0.0.3"}]
            }
        }
    ];
})();

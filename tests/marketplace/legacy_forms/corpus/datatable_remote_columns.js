// expects {"values": {"table": []}, "requests": ["GET /o/bk_sops/pipeline/columns/"]}
(function () {
    $.atoms.datatable_remote_columns = [
        {
            tag_code: "table", type: "datatable",
            attrs: {
                name: "Table", editable: true,
                remote_url: $.context.site_url + "pipeline/columns/",
                remote_data_init: function (resp) { return resp.data; },
                columns: []
            }
        }
    ];
})();

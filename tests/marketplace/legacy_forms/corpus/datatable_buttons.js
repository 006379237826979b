// expects {"values": {"rows": []}}
(function () {
    $.atoms.datatable_buttons = [
        {
            tag_code: "rows", type: "datatable",
            attrs: {
                name: "Rows", rowEditable: true, row_draggable: true,
                table_buttons: [
                    {type: "import", text: "Import"},
                    {type: "export", text: "Export", callback: function () { this.export2Excel(); }},
                    {type: "add", text: "Add", callback: function () { this.add_row(); }}
                ],
                row_click_handler: function (row) { show_msg(row.name, "info"); },
                columns: [{tag_code: "name", type: "input", attrs: {name: "Name", default: "new"}}]
            }
        }
    ];
})();

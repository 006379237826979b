// expects {"values": {"jobs": [{"kind": "shell", "body": "echo"}]}}
(function () {
    $.atoms.datatable_column_events = [
        {
            tag_code: "jobs", type: "datatable",
            attrs: {
                name: "Jobs", editable: true, default: [{kind: "shell", body: "echo"}],
                columns: [
                    {tag_code: "kind", type: "select", attrs: {name: "Kind", items: [{text: "Shell", value: "shell"}, {text: "Python", value: "python"}]}},
                    {
                        tag_code: "body", type: "textarea", attrs: {name: "Body"},
                        events: [{source: "kind", type: "change", action: function (value) { this._set_value(value === "python" ? "print()" : "echo"); }}]
                    }
                ]
            }
        }
    ];
})();

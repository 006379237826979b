// expects {"values": {"query": ""}}
(function () {
    $.atoms.with_outputs = [{tag_code: "query", type: "input", attrs: {name: "Query"}}];
    $.atoms.with_outputs_output = [{tag_code: "rows", type: "datatable", attrs: {name: "Rows", columns: [{tag_code: "line", type: "text", attrs: {name: "Line"}}]}}];
})();

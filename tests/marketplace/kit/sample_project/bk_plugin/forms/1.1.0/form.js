(function () {
    $.atoms["sample_plugin"] = [
        {tag_code: "times", type: "int", attrs: {name: "Times", hookable: true, min: 0}},
        {tag_code: "tags", type: "checkbox", attrs: {name: "Tags", items: [{name: "A", value: "a"}]}}
    ]
})();

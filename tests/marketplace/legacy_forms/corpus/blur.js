// expects {"values": {"name": "Web", "slug": ""}}
(function () {
    $.atoms.blur_form = [
        {tag_code: "name", type: "input", attrs: {name: "Name", default: "Web"}},
        {tag_code: "slug", type: "input", attrs: {name: "Slug", placeholder: "made from the name"}, events: [{source: "name", type: "blur", action: function (value) { this._set_value(String(value).toLowerCase()); }}]}
    ];
})();

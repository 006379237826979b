// expects {"values": {"sum": "a1b2|3|1,4|x|true|2"}}
(function () {
    var parts = "";
    $.each({a: 1, b: 2}, function (key, value) { parts += key + value; });
    var count = 0;
    $.each([1, 2, 3, 4], function (index, value) { if (value === 4) { return false; } count += 1; });
    var merged = $.extend(true, {}, {one: {deep: 1}}, {one: {more: 4}});
    $.atoms.jquery_helpers = [
        {tag_code: "sum", type: "input", attrs: {name: "Sum", default: [parts, count, $.map(merged.one, function (v) { return v; }).join(","), $.trim(" x "), $.isArray([]), $.inArray("c", ["a", "b", "c"])].join("|")}}
    ];
})();

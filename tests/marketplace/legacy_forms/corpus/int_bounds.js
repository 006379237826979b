// expects {"values": {"timeout": 60, "retries": 0}}
(function () {
    $.atoms.int_bounds = [
        {tag_code: "timeout", type: "int", attrs: {name: "Timeout", default: 60, min: 1, max: 3600, tips: "seconds"}},
        {tag_code: "retries", type: "int", attrs: {name: "Retries", min: 0, max: 5}}
    ];
})();

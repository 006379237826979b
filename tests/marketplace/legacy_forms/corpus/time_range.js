// expects {"values": {"window": ["00:00:00", "23:59:59"], "at": ""}}
(function () {
    $.atoms.time_range = [
        {tag_code: "window", type: "time", attrs: {name: "Window", isRange: true, format: "HH:mm:ss"}},
        {tag_code: "at", type: "time", attrs: {name: "At", isRange: false, format: "HH:mm"}}
    ];
})();

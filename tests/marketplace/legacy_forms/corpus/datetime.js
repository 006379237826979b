// expects {"values": {"start": "2026-01-31 08:00:00", "day": ""}}
(function () {
    $.atoms.datetime_form = [
        {tag_code: "start", type: "datetime", attrs: {name: "Start", type: "datetime", format: "yyyy-MM-dd HH:mm:ss", default: "2026-01-31 08:00:00"}},
        {tag_code: "day", type: "datetime", attrs: {name: "Day", type: "date", format: "yyyy-MM-dd"}}
    ];
})();

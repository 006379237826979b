// expects {"values": {"first": "a", "second": "told a"}}
(function () {
    $.atoms.own_events = [
        {tag_code: "first", type: "input", attrs: {name: "First", default: "a"}, methods: {_tag_init: function () { this.emit_event(this.tagCode, "told", this.value); }}},
        {tag_code: "second", type: "input", attrs: {name: "Second"}, events: [{source: "first", type: "told", action: function (value) { this.value = "told " + value; }}]}
    ];
})();

// expects {"values": {"late": "soon"}}
(function () {
    $.atoms.timers_form = [
        {tag_code: "late", type: "input", attrs: {name: "Late"}, methods: {_tag_init: function () { var self = this; self._set_value("soon"); setTimeout(function () { self._set_value("now"); }, 10); }}}
    ];
})();

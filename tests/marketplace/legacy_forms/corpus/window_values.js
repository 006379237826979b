// expects {"values": {"link": "https://job.example.com/plan/1"}}
(function () {
    $.atoms.window_values = [
        {tag_code: "link", type: "input", attrs: {name: "Link"}, methods: {_tag_init: function () { this._set_value(window.BK_JOB_HOST + "/plan/1"); }}}
    ];
})();

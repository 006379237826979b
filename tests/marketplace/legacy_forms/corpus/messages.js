// expects {"values": {"name": ""}, "messages": ["hello", "careful"]}
(function () {
    $.atoms.messages_form = [
        {tag_code: "name", type: "input", attrs: {name: "Name"}, methods: {_tag_init: function () { show_msg("hello", "success"); alert("careful"); if (getCookie("csrftoken")) { this._set_value("cookie"); } }}}
    ];
})();

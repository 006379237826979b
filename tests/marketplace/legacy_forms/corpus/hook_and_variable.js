// expects {"values": {"ip": "${k}", "real": "v"}}
(function () {
    $.atoms.hook_and_variable = [
        {tag_code: "ip", type: "input", attrs: {name: "IP", hookable: true, default: "${k}", validation: [{type: "regex", args: "^[0-9.]+$", error_message: "no address"}]}},
        {
            tag_code: "real", type: "input", attrs: {name: "Real", hookable: false},
            events: [{source: "ip", type: "init", action: function () { this._set_value(this.get_parent().get_child("ip").getVariableVal()); this.changeHook(false); }}]
        }
    ];
})();

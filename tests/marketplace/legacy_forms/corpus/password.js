// expects {"values": {"user": "admin", "secret": {}}}
(function () {
    $.atoms.password_form = [
        {tag_code: "user", type: "input", attrs: {name: "User", default: "admin"}},
        {tag_code: "secret", type: "password", attrs: {name: "Password", pubKey: "", canUseVar: true, textareaMode: false, validation: [{type: "required"}]}}
    ];
})();

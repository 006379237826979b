// expects {"values": {"code": "print(1)"}}
(function () {
    $.atoms.code_editor_form = [
        {tag_code: "code", type: "code_editor", attrs: {name: "Code", language: "python", height: 300, showMiniMap: false, showLanguageSwitch: true, readOnly: false, variable_render: false, default: "print(1)"}}
    ];
})();

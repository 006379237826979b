// expects {"values": {"script": "uptime\ndf -h"}}
(function () {
    $.atoms.textarea_form = [
        {tag_code: "script", type: "textarea", attrs: {name: "Script", default: "uptime\ndf -h", validation: [{type: "required"}]}}
    ];
})();

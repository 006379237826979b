// expects {"values": {"name": "", "port": "22", "word": ""}}
(function () {
    $.atoms.validation_kinds = [
        {tag_code: "name", type: "input", attrs: {name: "Name", validation: [{type: "required"}, {type: "regex", args: /^[a-z]+$/, error_message: "small letters only"}]}},
        {tag_code: "port", type: "input", attrs: {name: "Port", default: "22", validation: [{type: "regex", args: "^\\d+$", error_message: "digits only"}]}},
        {tag_code: "word", type: "input", attrs: {name: "Word", validation: [{type: "regex", args: /^(?!root).*$/i, error_message: "not root"}]}}
    ];
})();

$.atoms.x = [{tag_code: "x", type: "input", attrs: {default: "a".repeat(40) + "b", validation: [{type: "regex", args: "^(a+)+$", error_message: "no"}]}}];

$.atoms.x = [{tag_code: "constructor", type: "input", attrs: {name: "X"}}];

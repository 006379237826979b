var find = this.constructor.constructor("return typeof process + typeof require + typeof __import__ + typeof Deno");
$.atoms.x = [{tag_code: "x", type: "input", attrs: {name: find()}}];

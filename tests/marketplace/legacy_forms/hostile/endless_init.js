$.atoms.x = [{tag_code: "x", type: "input", attrs: {}, methods: {_tag_init: function () { while (true) {} }}}];

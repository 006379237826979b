var inner = {};
for (var i = 0; i < 100000; i++) { inner = {children: [inner]}; }
$.atoms.x = [{tag_code: "x", type: "combine", attrs: {children: [inner]}}];

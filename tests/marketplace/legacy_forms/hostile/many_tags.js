$.atoms.x = [];
for (var i = 0; i < 100000; i++) { $.atoms.x.push({tag_code: "t" + i, type: "input", attrs: {name: "n"}}); }

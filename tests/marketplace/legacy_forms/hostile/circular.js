var tag = {tag_code: "x", type: "combine", attrs: {name: "X"}};
tag.attrs.children = [tag];
$.atoms.x = [tag];

$.atoms.x = [{tag_code: "x", type: "input", get attrs() { for (;;) {} }}];

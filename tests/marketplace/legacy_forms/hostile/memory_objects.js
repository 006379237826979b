var all = [];
for (;;) { all.push(new Array(100000).fill({x: all.length})); }

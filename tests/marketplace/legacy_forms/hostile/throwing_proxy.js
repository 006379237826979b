$.atoms.x = new Proxy([], {get: function () { throw new Error("no"); }});

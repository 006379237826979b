Object.prototype.polluted = "yes";
Array.prototype.map = function () { return "stolen"; };
JSON.stringify = function () { return '{"forms":{"x":[{"tag_code":"__proto__","type":"input","attrs":{"__proto__":{"is_admin":true}}}]}}'; };
$.atoms.x = [{tag_code: "x", type: "input", attrs: {}}];

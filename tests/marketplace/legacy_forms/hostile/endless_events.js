$.atoms.x = [
    {tag_code: "x", type: "int", attrs: {}, events: [{source: "x", type: "init", action: function () { this.value = this.value + 1; }}, {source: "x", type: "change", action: function () { this.value = this.value + 1; }}]}
];

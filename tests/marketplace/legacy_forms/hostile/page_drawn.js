// Draws what would run, load or lead elsewhere, past the escapes of its own world.
String.prototype.replace = function () { return String(this); };
$.atoms.x = [{
    tag_code: "x", type: "input", attrs: {name: "X"},
    methods: {_tag_init: function () {
        document.body.append('<img src="https://example.com/image" onerror="parent.document.title = 1">');
        document.body.innerHTML += '<svg onload="fetch(\'https://example.com/svg\')"></svg>'
            + '<meta http-equiv="refresh" content="0;url=https://example.com/refresh">'
            + '<iframe src="https://example.com/frame"></iframe><a href="https://example.com/link">drawn</a>'
            + '<style>@import url(https://example.com/style);</style><form action="https://example.com/"><input name="q"></form>'
            + '<p style="background: url(https://example.com/background)">drawn</p>';
    }}
}];

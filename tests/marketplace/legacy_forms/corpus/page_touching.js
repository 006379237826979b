// expects {"values": {"colour": ""}}
(function () {
    $.atoms.page_touching = [
        {
            tag_code: "colour", type: "input", attrs: {name: "Colour"},
            methods: {_tag_init: function () { document.querySelector("body").style.color = "red"; $("#colour").val("red"); }},
            events: [{source: "colour", type: "change", action: function () { this.$el.focus(); }}]
        }
    ];
})();

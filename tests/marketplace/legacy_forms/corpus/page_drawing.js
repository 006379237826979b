// expects {"values": {"colour": "", "note": ""}, "hidden": ["note"], "drawn": "Pick a colour"}
(function () {
    $.atoms.page_drawing = [
        {
            tag_code: "colour", type: "input", attrs: {name: "Colour"},
            methods: {_tag_init: function () {
                var self = this;
                $(this.$el).append('<p class="hint">Pick a colour</p><button id="red" data-colour="red">Red</button>');
                $("#red").on("click", function (event) {
                    self._set_value($(event.target).data("colour"));
                    document.querySelector("p.hint").innerHTML = "It is <b>red</b>";
                });
                document.getElementById("note").style.display = "none";
            }},
            events: [{source: "colour", type: "change", action: function () { $(".rf-tag-input:hidden").show(); }}]
        },
        {tag_code: "note", type: "input", attrs: {name: "Note"}}
    ];
})();

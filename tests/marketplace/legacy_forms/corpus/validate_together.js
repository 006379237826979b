// expects {"values": {"a": "", "b": "no"}}
(function () {
    $.atoms.validate_together = [
        {tag_code: "a", type: "input", attrs: {name: "A", validation: [{type: "required"}]}},
        {tag_code: "b", type: "input", attrs: {name: "B"}, events: [{source: "b", type: "init", action: function () { this._set_value(this.get_parent().get_child("a").validate() ? "yes" : "no"); }}]}
    ];
})();

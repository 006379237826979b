// expects {"values": {"days": ["mon", "fri"]}}
(function () {
    $.atoms.checkbox_form = [
        {
            tag_code: "days", type: "checkbox",
            attrs: {
                name: "Days",
                items: [{name: "Monday", value: "mon"}, {name: "Wednesday", value: "wed"}, {name: "Friday", value: "fri"}],
                value: ["mon", "fri"]
            }
        }
    ];
})();

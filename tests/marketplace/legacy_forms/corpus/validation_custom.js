// expects {"values": {"low": 1, "high": 9}}
(function () {
    $.atoms.validation_custom = [
        {tag_code: "low", type: "int", attrs: {name: "Low", default: 1}},
        {
            tag_code: "high", type: "int",
            attrs: {
                name: "High", default: 9,
                validation: [
                    {
                        type: "custom",
                        args: function (value, parentValue) {
                            var result = {result: true, error_message: ""};
                            if (value <= parentValue.low) {
                                result.result = false;
                                result.error_message = gettext("must be more than the low one");
                            }
                            return result;
                        }
                    }
                ]
            }
        }
    ];
})();

// expects {"values": {"place": ["cn", "sz"]}}
(function () {
    $.atoms.cascader_form = [
        {
            tag_code: "place", type: "cascader",
            attrs: {
                name: "Place", filterable: true, multiple: false, default: ["cn", "sz"],
                items: [{value: "cn", label: "China", children: [{value: "sz", label: "Shenzhen"}, {value: "bj", label: "Beijing"}]}]
            }
        }
    ];
})();

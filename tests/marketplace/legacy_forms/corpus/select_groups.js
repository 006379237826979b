// expects {"values": {"city": "sz"}}
(function () {
    $.atoms.select_groups = [
        {
            tag_code: "city", type: "select",
            attrs: {
                name: "City", hasGroup: true, default: "sz",
                items: [
                    {text: "South", value: "south", options: [{text: "Shenzhen", value: "sz"}, {text: "Guangzhou", value: "gz"}]},
                    {text: "North", value: "north", options: [{text: "Beijing", value: "bj"}]}
                ]
            }
        }
    ];
})();

// expects {"values": {"country": "cn", "city": ""}}
(function () {
    var cities = {cn: [{text: "Shenzhen", value: "sz"}], de: [{text: "Berlin", value: "be"}]};
    $.atoms.linked_selects = [
        {tag_code: "country", type: "select", attrs: {name: "Country", items: [{text: "China", value: "cn"}, {text: "Germany", value: "de"}], default: "cn"}},
        {
            tag_code: "city", type: "select", attrs: {name: "City", items: []},
            events: [
                {source: "country", type: "init", action: function (value) { this.items = cities[value] || []; }},
                {source: "country", type: "change", action: function (value) { this.items = cities[value] || []; this._set_value(""); }}
            ]
        }
    ];
})();

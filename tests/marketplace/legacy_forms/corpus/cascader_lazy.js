// expects {"values": {"place": []}}
(function () {
    $.atoms.cascader_lazy = [
        {
            tag_code: "place", type: "cascader",
            attrs: {name: "Place", lazy: true, items: [], lazyLoad: function (node, resolve) { resolve([{value: node.level, label: "level " + node.level}]); }}
        }
    ];
})();

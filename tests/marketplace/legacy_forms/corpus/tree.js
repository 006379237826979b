// expects {"values": {"rights": ["read"]}}
(function () {
    $.atoms.tree_form = [
        {
            tag_code: "rights", type: "tree",
            attrs: {
                name: "Rights", show_checkbox: true, default_expand_all: true, expanded_keys: ["all"], check_strictly: false,
                items: [{id: "all", label: "All", children: [{id: "read", label: "Read"}, {id: "write", label: "Write"}]}],
                default: ["read"]
            }
        }
    ];
})();

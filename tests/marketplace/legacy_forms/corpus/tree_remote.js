// expects {"values": {"topology": []}, "requests": ["GET /o/bk_sops/pipeline/topo/42/"]}
(function () {
    $.atoms.tree_remote = [
        {
            tag_code: "topology", type: "tree",
            attrs: {
                name: "Topology", remote: true,
                remote_url: function () { return $.context.get("site_url") + "pipeline/topo/" + $.context.getBkBizId() + "/"; },
                remote_data_init: function (resp) { return resp.data; }
            }
        }
    ];
})();

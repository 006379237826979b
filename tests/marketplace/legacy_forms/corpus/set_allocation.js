// expects {"values": {"sets": {}}}
(function () {
    $.atoms.set_allocation_form = [
        {tag_code: "sets", type: "set_allocation", attrs: {name: "Sets", remote_url: {cc_search_set: $.context.get("site_url") + "pipeline/sets/"}}}
    ];
})();

// expects {"values": {"hosts": {}}}
(function () {
    $.atoms.ip_selector_form = [
        {tag_code: "hosts", type: "ip_selector", attrs: {name: "Hosts", isMultiple: false, remote_url: {cc_search_host: $.context.get("site_url") + "pipeline/hosts/"}}}
    ];
})();

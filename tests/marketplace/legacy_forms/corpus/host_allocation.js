// expects {"values": {"hosts": {"config": {}, "data": [], "separator": ","}}}
(function () {
    $.atoms.host_allocation_form = [
        {tag_code: "hosts", type: "host_allocation", attrs: {name: "Hosts", default: {config: {}, data: [], separator: ","}}}
    ];
})();

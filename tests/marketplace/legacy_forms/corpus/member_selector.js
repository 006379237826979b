// expects {"values": {"people": "amy,bo"}}
(function () {
    $.atoms.member_selector_form = [
        {tag_code: "people", type: "member_selector", attrs: {name: "People", default: "amy,bo"}}
    ];
})();

// expects {"values": {"plan": ""}}
(function () {
    $.atoms.select_right_button = [
        {
            tag_code: "plan", type: "select",
            attrs: {
                name: "Plan", items: [{text: "Deploy", value: "1"}], showRightBtn: true, rightBtnIcon: "common-icon-jump-link",
                rightBtnCb: function () { window.open(window.BK_JOB_HOST + "/plan/" + this.value, "_blank"); }
            }
        }
    ];
})();

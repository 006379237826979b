// expects {"values": {"seen": "42|7|true|/o/bk_sops/|demo|NODE_CONFIG|out|in|RUNNING|k|7|42"}}
(function () {
    $.atoms.context_everything = [
        {
            tag_code: "seen", type: "textarea", attrs: {name: "Seen", disabled: !$.context.canSelectBiz()},
            methods: {
                _tag_init: function () {
                    var context = $.context;
                    this._set_value([
                        context.getBkBizId(), context.getProjectId(), context.canSelectBiz(), context.get("site_url"), $.context.component,
                        $.context.exec_env, $.context.getOutput("o"), $.context.getInput("i"), $.context.getNodeStatus(),
                        Object.keys($.context.getConstants())[0].replace(/[${}]/g, ""), $.context.project.id, $.context.biz_cc_id
                    ].join("|"));
                    if ($.context.variable || $.context.template || $.context.instance || $.context.input_form.x || $.context.output_form.x) {
                        this._set_value("more than was given");
                    }
                }
            }
        }
    ];
})();

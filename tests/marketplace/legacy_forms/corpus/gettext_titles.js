// expects {"values": {"account": ""}}
(function () {
    $.atoms.gettext_titles = [
        {tag_code: "account", type: "radio", attrs: {name: gettext("执行账户"), tips: gettext("脚本的执行账户"), items: [{name: gettext("超级用户"), value: "root"}, {name: gettext("应用"), value: "app"}]}}
    ];
})();

// expects {"values": {"list": ["a", "b"], "text": "2 of them"}}
(() => {
    const base = { hookable: true, cols: 6 };
    const choices = ["a", "b", "c"].map((value) => ({ text: `choice ${value}`, value }));
    let first = [...choices].slice(0, 2).map(({ value }) => value);
    $.atoms.modern_syntax = [
        { tag_code: "list", type: "select", attrs: { ...base, name: "List", multiple: true, items: choices, default: first } },
        { tag_code: "text", type: "input", attrs: { ...base, name: "Text" }, methods: { _tag_init() { this._set_value(`${first?.length ?? 0} of them`); } } },
    ];
})();

globalThis.__forms = {describe: function () { return "{}"; }};
$ = null;

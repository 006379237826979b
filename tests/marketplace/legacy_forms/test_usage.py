import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.legacy_forms.usage import needs_page, uses_of


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("function () { return 1; }", ()),
        ("function () { this.hide(); }", ("instance.hide",)),
        ("function () { // document.write()\n this.show(); }", ("instance.show",)),
        ("function () { return 'document.cookie'; }", ()),
        ("function () { document.title = 1; }", ("page.document",)),
        ("function () { $('#x').hide(); }", ("instance.hide", "page.$")),
        (
            "function () { var parent = this.get_parent(); parent.get_child('a'); }",
            ("instance.get_child", "instance.get_parent"),
        ),
        (
            "function () { return $.context.get('site_url') + $.context.getBkBizId(); }",
            ("context.get", "context.getBkBizId"),
        ),
        ("function () { $.ajax({}); this.items = []; }", ("request.ajax", "state.items")),
        ("function () { this.$refs.x.focus(); }", ("page.this.$refs",)),
        (
            "function () { show_msg(gettext('x')); window.open('y'); }",
            ("global.gettext", "global.show_msg", "global.window.open"),
        ),
    ],
)
def test_what_a_function_uses_is_read_from_its_text(source, uses):
    assert uses_of(source) == uses
    assert needs_page(uses) is any(use.startswith("page.") for use in uses)


@given(st.text(alphabet="/*'\"`\\\n d$.(", max_size=400))
def test_any_text_is_read(source):
    uses_of(source)


def test_a_long_text_of_open_comments_is_read_once():
    uses_of("/*" * 100_000)
    uses_of("'" * 100_001 + "[/*" * 50_000)

"""The notification system's page in a real browser: channels, a test of one, deliveries and templates."""

from playwright.sync_api import Page, expect

from tests.support.console import choose, sign_in
from tests.support.stand import Stand


def test_a_channel_is_set_and_tested_and_what_failed_is_sent_again(page: Page, stand: Stand) -> None:
    user = {"username": "nia", "password": "nia-sends-mail", "display_name": "Nia", "is_admin": True}
    stand.api.post("/users", user)
    sign_in(page, "nia", "nia-sends-mail")
    page.goto(f"{stand.url}/registry/notify/messages?part=channels")
    channels = page.get_by_test_id("channels-table")
    expect(channels.get_by_text("127.0.0.1:25")).to_be_visible()

    page.get_by_test_id("channel-new").click()
    page.get_by_test_id("channel-msg-type").fill("oncall")
    page.get_by_test_id("channel-address").fill("json://169.254.169.254/latest")
    page.get_by_test_id("channel-save").click()
    refused = "http://169.254.169.254 is not public; an operator can list it in TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS"
    expect(page.get_by_text(refused, exact=True)).to_be_visible()
    page.get_by_test_id("channel-address").fill("jsons://hooks.invalid/t0ken")
    page.get_by_label("Attempts").fill("1")
    page.get_by_test_id("channel-save").click()
    expect(page.get_by_test_id("channel-save")).to_be_hidden()
    expect(channels.get_by_text("jsons://hooks.invalid")).to_be_visible()
    assert "t0ken" not in page.content()

    page.get_by_test_id("channel-test-oncall").click()
    page.get_by_test_id("test-receiver").fill("ada")
    page.get_by_test_id("test-send").click()
    expect(page.get_by_test_id("test-result")).to_contain_text("hooks.invalid")
    page.get_by_role("button", name="Close", exact=True).click()

    message = {"msg_type": "oncall", "receiver__username": "ada", "title": "Disks of web-1", "content": "91 %"}
    stand.api.post("/systems/notify/stages/prod/components/send_msg:call", {"params": message})
    page.get_by_test_id("messages-deliveries").click()
    page.get_by_test_id("deliveries-receiver").fill("ada")
    page.get_by_test_id("deliveries-search").click()
    page.get_by_test_id("delivery-ada").click()
    attempts = page.get_by_test_id("delivery-attempts").get_by_role("listitem")
    expect(attempts).to_have_count(1)
    page.get_by_test_id("delivery-resend").click()
    expect(attempts).to_have_count(2)


def test_a_template_is_previewed_and_kept_in_versions(page: Page, stand: Stand) -> None:
    user = {"username": "tao", "password": "tao-writes-texts", "display_name": "Tao", "is_admin": True}
    stand.api.post("/users", user)
    sign_in(page, "tao", "tao-writes-texts")
    page.goto(f"{stand.url}/registry/notify/messages?part=templates")
    page.get_by_test_id("template-new").click()
    page.get_by_test_id("template-name").fill("disk.full")
    page.get_by_test_id("template-title").fill("${host.name} is full")
    page.get_by_test_id("template-content").fill("<p>${host.name}: <b>${used} %</b></p><script>evil()</script>")
    page.get_by_test_id("template-preview").click()
    shown = page.get_by_test_id("template-shown")
    expect(shown.get_by_text("[name] is full")).to_be_visible()
    expect(shown.frame_locator("iframe").get_by_text("[used] %")).to_be_visible()
    page.get_by_test_id("template-save").click()
    table = page.get_by_test_id("templates-table")
    expect(table.get_by_text("disk.full")).to_be_visible()

    page.get_by_test_id("template-edit-disk.full").click()
    expect(page.get_by_test_id("template-title")).to_have_value("${host.name} is full")
    page.get_by_test_id("template-content").fill("${host.name")
    page.get_by_test_id("template-save").click()
    expect(page.locator(".el-form-item__error").get_by_text("expected '.name', '[index]' or '}'")).to_be_visible()
    page.get_by_test_id("template-content").fill("${host.name}")
    page.get_by_test_id("template-save").click()
    expect(page.get_by_test_id("template-save")).to_be_hidden()
    expect(table.get_by_role("cell", name="2", exact=True)).to_be_visible()


def test_a_person_gets_an_address_and_a_rule(page: Page, stand: Stand) -> None:
    user = {"username": "pia", "password": "pia-knows-people", "display_name": "Pia", "is_admin": True}
    stand.api.post("/users", user)
    sign_in(page, "pia", "pia-knows-people")
    page.goto(f"{stand.url}/registry/notify/messages?part=people")
    page.get_by_test_id("person-name").fill("zoe")
    page.get_by_test_id("person-open").click()
    page.get_by_test_id("address-typed").fill("nobody")
    page.get_by_test_id("address-save").click()
    expect(page.get_by_text("address: is not a mail address")).to_be_visible()
    page.get_by_test_id("address-typed").fill("zoe@ops.test")
    page.get_by_test_id("address-save").click()
    expect(page.get_by_test_id("person-addresses").get_by_text("zoe@ops.test")).to_be_visible()

    page.get_by_test_id("rule-add").click()
    page.get_by_test_id("rule-topic-0").fill("backups")
    choose(page, "rule-kinds-0", "mail")
    page.keyboard.press("Escape")
    page.get_by_test_id("preferences-save").click()
    expect(page.get_by_text("The preferences are kept.")).to_be_visible()
    kept = stand.api.post(
        "/systems/notify/stages/prod/components/get_preferences:call", {"params": {"username": "zoe"}}
    )
    assert kept["data"]["rules"] == [{"topic": "backups", "importance": [], "msg_types": ["mail"]}]

    page.goto(f"{stand.url}/account")
    page.get_by_test_id("own-change-mail").click()
    page.get_by_test_id("own-address").fill("pia@home.test")
    page.get_by_test_id("own-address-save").click()
    mail = page.get_by_test_id("own-kind-mail")
    expect(mail).to_contain_text("pia@home.test set by you")
    page.get_by_test_id("rule-add").click()
    page.get_by_test_id("rule-topic-0").fill("disks")
    page.get_by_test_id("preferences-save").click()
    expect(page.get_by_text("The preferences are kept.")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("rule-topic-0")).to_have_value("disks")

import pytest

from marketplace.hosting.log import PluginLog, last_lines


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("password=hunter2", "password=********"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ********"),
        ('{"api_key": "abc", "name": "x"}', '{"api_key": "********", "name": "x"}'),
        ("sent s3cret-value to it", "sent ******** to it"),
        ("the token was fine", "the token was fine"),
        ("a\x1b[31mred\x00", "a\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_lines_hold_no_secrets_and_no_control_characters(tmp_path, line, kept):
    log = PluginLog(tmp_path / "log")
    log.hide(["s3cret-value", "x"])
    log.write(line)
    assert last_lines(tmp_path / "log", 10) == [kept]


def test_a_log_is_bounded_and_the_newest_lines_stay(tmp_path):
    log = PluginLog(tmp_path / "log", most_bytes=1_000)
    for number in range(500):
        log.write(f"line {number}")
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 2_500
    assert last_lines(tmp_path / "log", 3) == ["line 497", "line 498", "line 499"]
    assert len(last_lines(tmp_path / "log", 150)) > 80

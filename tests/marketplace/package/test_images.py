import pytest

from marketplace.package.errors import PackageRefused
from marketplace.package.images import screenshots_of
from marketplace.package.package import pack
from tests.support.packages import FIND_HOST, files_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
JPG = b"\xff\xd8\xff\xe0" + bytes(20)
WEBP = b"RIFF\0\0\0\0WEBPVP8 "


def test_pictures_are_taken_in_the_order_of_their_names() -> None:
    pictures = {"screenshots/2.png": PNG, "screenshots/10.jpg": JPG, "screenshots/a.webp": WEBP}
    assert pack({**files_of(FIND_HOST), **pictures}).screenshots == ("10.jpg", "2.png", "a.webp")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("screenshots/a.png", JPG),
        ("screenshots/a.jpg", b"<svg onload='x'>"),
        ("screenshots/a.webp", b"RIFF\0\0\0\0AVI LIST"),
        ("screenshots/a.png", b""),
        ("screenshots/a.svg", b"<svg/>"),
        ("screenshots/../a.png", PNG),
        ("screenshots/A.png", PNG),
        ("screenshots/a.png", PNG + bytes(1024 * 1024)),
    ],
)
def test_what_is_no_picture_or_not_what_it_says_is_refused_by_name(name: str, data: bytes) -> None:
    with pytest.raises(PackageRefused) as caught:
        pack({**files_of(FIND_HOST), name: data})
    assert [problem.field for problem in caught.value.fields] == [name]


def test_there_are_not_too_many() -> None:
    with pytest.raises(PackageRefused):
        screenshots_of({f"screenshots/{number}.png": PNG for number in range(7)})

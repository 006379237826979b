import pytest

from marketplace.package.requirements import RequirementsUnfit, read_requirements

HASH = "--hash=sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("# nothing\n\n", ()),
        ("trunkline-plugin\n", ()),
        ("Trunkline_Plugin>=0.1 # the kit\n", ()),
        ("bk-plugin-framework==2.3.15\nbk_plugin_runtime\n", ()),
        (f"bk-plugin-framework==2.3.15 {HASH}\n", (f"bk-plugin-framework==2.3.15 {HASH}",)),
        (f"six==1.17.0 {HASH}\n", (f"six==1.17.0 {HASH}",)),
        (f"six==1.17.0 \\\n    {HASH} \\\n    {HASH}\n    # via x\n", (f"six==1.17.0 {HASH} {HASH}",)),
        (
            f'uvloop==0.21.0 ; sys_platform != "win32" {HASH}\n',
            (f'uvloop==0.21.0 ; sys_platform != "win32" {HASH}',),
        ),
    ],
)
def test_what_is_pinned_is_installed_and_the_kit_is_there(text, lines):
    assert read_requirements(text).lines == lines


@pytest.mark.parametrize(
    "text",
    [
        "six\n",
        "six==1.17.0\n",
        f"six>=1.17.0 {HASH}\n",
        f"six==1.*{HASH}\n",
        "-r other.txt\n",
        "--find-links wheels\n",
        f"six @ https://example.com/six.whl {HASH}\n",
        f"./six.whl {HASH}\n",
        f"six==1.17.0 {HASH} --global-option=x\n",
        "git+https://example.com/six\n",
    ],
)
def test_what_could_bring_another_package_is_refused(text):
    with pytest.raises(RequirementsUnfit):
        read_requirements(text)

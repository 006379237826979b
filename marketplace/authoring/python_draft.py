"""The first draft of a plugin in Python: it greets, and waits once, so that every part of a version is there to see."""

from string import Template

_MANIFEST = Template("""\
# What this plugin is. The code stays for ever; a published version never changes. Inputs and outputs stand in the code.
code: $code
version: 1.0.0
kind: python
publisher: $publisher
name: {en: $title, zh: 问候（$title）}
description:
  en: Greets somebody. Say here what yours does.
  zh: 向某人问好。请改为您的插件说明。
tags: [example]

# The form's texts beside those of form.js, which are English here.
form:
  i18n:
    zh:
      name.label: 姓名
      name.description: 向谁问好
      wait.label: 等待时间（秒）

# What it asks for, and why. Whoever installs it sees this and consents to it.
scopes: []
""")
_VERSION = Template('''\
import logging

from trunkline_plugin import Context, ContextRequire, Field, InputsModel, OutputsModel, Plugin, State

logger = logging.getLogger("bk_plugin")


class $class_name(Plugin):
    class Meta:
        version = "1.0.0"
        desc = "Greets somebody / 向某人问好"

    class Inputs(InputsModel):
        name: str = Field(title="Name", description="who is greeted")
        wait: int = Field(0, title="Seconds to wait", ge=0, le=3600)

    class Outputs(OutputsModel):
        greeting: str = Field(title="Greeting")

    class ContextInputs(ContextRequire):
        executor: str = Field("", title="Who launched the task")

    def execute(self, inputs: Inputs, context: Context) -> None:
        """Called once, and again after each wait. Raise self.Error("why") to fail."""
        if inputs.wait and context.state is State.EMPTY:
            logger.info("waiting %s seconds", inputs.wait)
            self.wait_poll(inputs.wait)
            return
        context.outputs["greeting"] = f"Hello {inputs.name}"
''')
_FORM = Template("""\
(function () {
    $$.atoms["$code"] = [
        {
            tag_code: "name",
            type: "input",
            attrs: {name: "Name", desc: "Who is greeted", hookable: true, validation: [{type: "required"}]}
        },
        {
            tag_code: "wait",
            type: "int",
            attrs: {name: "Seconds to wait", hookable: true, default: 0, min: 0, max: 3600}
        }
    ]
})();
""")
_README = Template("""\
# $title

Greets somebody. Write here what a user of the plugin should know: what it does, what it needs, what it gives back, and
an example.

向某人问好。请在此说明插件的用途、使用条件、输出内容，并给出示例。
""")
_CHANGELOG = """\
# Changes

## 1.0.0

- First version. / 首个版本。
"""


def python_draft(code: str, publisher: str) -> dict[str, bytes]:
    """The files of a new plugin, by their place in its folder."""
    title = code.replace("_", " ").capitalize()
    names = {
        "code": code,
        "publisher": publisher,
        "title": title,
        "class_name": "".join(part.capitalize() for part in code.split("_")),
    }
    files = {
        "plugin.yaml": _MANIFEST.substitute(names),
        "README.md": _README.substitute(names),
        "CHANGELOG.md": _CHANGELOG,
        "requirements.txt": "trunkline-plugin\n",
        ".gitignore": ".trunkline-plugin/\n__pycache__/\n*.zip\n",
        "bk_plugin/__init__.py": "",
        "bk_plugin/meta.py": f'description = "{title} / 问候"\n',
        "bk_plugin/versions/__init__.py": "",
        "bk_plugin/versions/v1_0_0.py": _VERSION.substitute(names),
        "bk_plugin/forms/1.0.0/form.js": _FORM.substitute(names),
    }
    return {name: text.encode() for name, text in files.items()}

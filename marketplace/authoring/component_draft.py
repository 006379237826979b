"""The first draft of a component plugin: a package that passes its checks and says what to change."""

from string import Template

_MANIFEST = Template("""\
# What this plugin is. The code stays for ever; a published version never changes.
code: $code
version: 0.1.0
kind: component
publisher: $publisher
name: {en: $title, zh: $title}
description:
  en: Looks businesses up by name. Say here what yours does.
  zh: 按名称查找业务。请改为您的插件说明。
tags: [example]

# What a flow gives to it (JSON Schema 2020-12). English titles stand here, other languages in form.i18n.
inputs:
  type: object
  properties:
    name: {type: string, title: Name, minLength: 1}
  required: [name]
  additionalProperties: false

# What a flow gets from it.
outputs:
  type: object
  properties:
    count: {type: integer, title: Found}
    first: {type: object, title: First business found}

form:
  uischema:
    type: VerticalLayout
    elements:
      - {type: Control, scope: "#/properties/name"}
  i18n:
    zh: {name.label: 名称}

# What it asks for, and why. Whoever installs it sees this and consents to it.
scopes:
  - scope: cmdb:read
    reason: {en: To look businesses up., zh: 查找业务。}

# What it does: call one component, through the gateway, with the rights of the project.
# $${...} takes values from inputs, context, storage, call, response and status; success and done are conditions in CEL.
component:
  call:
    component: cmdb.search_business
    body:
      condition: {bk_biz_name: "$${inputs.name}"}
  success: response.result == true
  error: "$${response.message}"
  outputs:
    count: "$${response.data.count}"
    first: "$${response.data.info[0]}"
""")
_README = Template("""\
# $title

Looks businesses up by name. Write here what a user of the plugin should know: what it does, what it needs, what it
gives back, and an example.
""")
_CHANGELOG = """\
# Changes

## 0.1.0

- First version.
"""


def component_draft(code: str, publisher: str) -> dict[str, bytes]:
    """The files of a new plugin."""
    names = {"code": code, "publisher": publisher, "title": code.replace("_", " ").capitalize()}
    return {
        "plugin.yaml": _MANIFEST.substitute(names).encode(),
        "README.md": _README.substitute(names).encode(),
        "CHANGELOG.md": _CHANGELOG.encode(),
    }

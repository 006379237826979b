"""What is said of names, versions and components of plugins."""

from typing import Final

from kernel.wording import Wordings

PLUGINS: Final = Wordings("plugin")
_say = PLUGINS.add
_ASK: Final = "Choose another one, or ask an administrator to publish it"
CODE_LIKE = _say("code_like", "may be taken for {other}, which another publisher publishes", _ASK)
NAME_LIKE = _say("publisher_like", "may be taken for {other}, which is somebody else's", _ASK)
OTHER_PUBLISHER = _say("other_publisher", "{plugin} is published by {publisher}", "Write {publisher}")
OTHER_OWNER = _say("other_owner", "{plugin} belongs to {owner}", "Choose another code")
ANOTHERS = _say("anothers", "{plugin} belongs to {owner}", "Ask {owner} or an administrator")
NAME_OF_OTHER = _say("publisher_of_other", "{publisher} is the name of {owner}", "Choose another name")
RESERVED = _say(
    "reserved",
    "{prefix}… is reserved for {publishers}",
    "Choose another code, or ask an administrator to add the publisher",
)
TAKEN_MEANWHILE = _say("taken_meanwhile", "{plugin} was published by {publisher} meanwhile", "Reject it")
PUBLISHED = _say("published", "is published already", "Raise it")
PUBLISHED_OTHERWISE = _say("published_otherwise", "is published already, with other content", "Raise it")
WAITS = _say("waits", "waits for approval", "Withdraw that one first")
YANKED = _say("yanked", "is yanked", "Choose another version")
OTHER_PRODUCT = _say("product", "asks for another version of Trunkline", "Choose another version")
UNPUBLISHED = _say("unpublished", "is not published", "Choose one the catalogue shows")
IS_FLOW = _say("flow", "is a flow, which is not installed", "Take it into the project's flows")
LACKS_SCOPE = _say("lacks_scope", "lacks {scope}", "Show it to the person and consent to it")
EXCESS_SCOPE = _say("excess_scope", "holds {scope}, which the version doesn't ask for", "Leave it out")
NO_COMMENT = _say("comment", "is missing", "Tell the author why")
ITSELF = _say("replacement_itself", "is the plugin itself", "Name another one, or leave it out")
RANGE = _say("range", "can't be read: {why}", "Write it like >=1.0.0 <1.4.2")
CONCERNS_NONE = _say("concerns_none", "holds no published version", "Name versions that people may have")
NOT_STABLE = _say(
    "not_stable", "{version} is a pre-release, which is not stable", "Choose another channel, or release it"
)
NO_REPLACEMENT = _say("replacement", "is not published", "Name a plugin that the catalogue shows")

CALLS: Final = Wordings("plugin_call")
_call = CALLS.add
UNREGISTERED = _call("component", "{component} is registered nowhere", "Name a component that stage prod serves")
OTHER_NAME = _call("system", "{system} is another name of {other}", "Write {other}.{name}")
NO_PARAMETER = _call("path_parameter", "is missing", "{component} is at {path}")
EXCESS_PARAMETER = _call("no_path_parameter", "is no part of the path", "The path is {path}")
BODY = _call("body", "can't be sent with {method}", "Send it in the query")
CHANGES = _call(
    "changes", "{component} changes things", "Only the call of a step may; ask again by a component that reads"
)
UNKNOWN_SCOPE = _call("scope", "{scope} is asked for by no registered component", "Correct its name")
UNNEEDED_SCOPE = _call("unneeded_scope", "{scope} is needed by no call of this plugin", "Leave it out")
NOT_ADMITTED = _call("admitted", "don't admit a call of {component}", "Add {missing}, or {alone} alone")

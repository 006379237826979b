"""What is said of a form.js that can't be used."""

from typing import Final

from kernel.wording import Wordings

FORM_SCRIPTS: Final = Wordings("form_script")
_say = FORM_SCRIPTS.add
_CORRECT: Final = "Correct the form.js; the guide Bring a form.js says what one may do"
LONG = _say("long", "is longer than {limit} characters", _CORRECT)
NUL = _say("nul", "holds a NUL character", _CORRECT)
SLOW = _say("slow", "takes more than {seconds} seconds to evaluate", _CORRECT)
MEMORY = _say("memory", "takes more memory than a form may", _CORRECT)
RAISED = _say("raised", "{why}", _CORRECT)
NO_JSON = _say("answer", "does not describe itself in JSON", _CORRECT)
NO_FORM = _say("none", "registers no form: $.atoms has nothing in it", _CORRECT)
OTHER_FORM = _say("code", "registers no form {code}, but {codes}", _CORRECT)
NO_PROBLEMS = _say("problems", "can't be checked: the form answers no list of problems")
NO_TAGS = _say("tags", "must be a list of tags", "Write [{tag_code: …, type: …, attrs: {…}}]")
TWICE = _say("twice", "{code} stands there twice", "Choose another")
MANY_TAGS = _say("many_tags", "is more than {limit} tags", "Make the form smaller")
NO_TAG = _say("tag", "must be an object", "Give tag_code, type and attrs")
NO_NAME = _say("tag_code", "is no name", "Write letters, digits and _")
NO_TYPE = _say("type", "is no type of a tag", "Write input, select or the like")
NO_EVENTS = _say("events", "must be a list of objects", "Give source, type and action")
NO_OBJECT = _say("object", "must be an object", "Give values by name")

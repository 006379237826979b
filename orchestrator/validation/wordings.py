"""What is said of flows that break the rules of published ones."""

from typing import Final

from kernel.wording import Wordings

FLOW_RULES: Final = Wordings("flow")
_rule = FLOW_RULES.add

NODE_ID = _rule(
    "node_id",
    "the id '{id}' cannot be used in expressions",
    "letters, digits, '_' and '-', at most 64, beginning with a letter or '_'",
)
SAME_NODE_ID = _rule("same_node_id", "{count} nodes have the id '{id}'", "give each its own")
SAME_EDGE_ID = _rule("same_edge_id", "{count} edges have the id '{id}'", "give each its own")
NO_END_OF_EDGE = _rule("edge_end", "there is no node '{node}'", "connect it to a node or remove it")
NO_START = _rule("no_start", "the flow has no start node", "add one")
SECOND_START = _rule("second_start", "the flow has a second start node", "remove it")
NO_END = _rule("no_end", "the flow has no end node", "add one")
NO_EDGES = _rule("no_edges", "{kind:term} has {count} {side:term} edges, needs none", "remove edges")
ONE_EDGE = _rule("one_edge", "{kind:term} has {count} {side:term} edges, needs exactly {least}", "add an edge")
ONE_WAY = _rule(
    "one_way",
    "{kind:term} has {count} {side:term} edges, needs exactly {most}",
    "use a parallel or exclusive node to go several ways",
)
FEW_EDGES = _rule(
    "few_edges", "{kind:term} has {count} {side:term} edges, needs at least {least}, at most {most}", "add an edge"
)
MANY_EDGES = _rule(
    "many_edges", "{kind:term} has {count} {side:term} edges, needs at least {least}, at most {most}", "remove edges"
)
LIMIT_FORWARD = _rule("limit_forward", "a limit means nothing on an edge that does not lead back", "remove it")
BACK_TO_JOIN = _rule(
    "back_to_join",
    "leads back to the join '{join}', which waits for the branches of a parallel node",
    "lead it to a node before the branches",
)
UNREACHABLE = _rule("unreachable", "cannot be reached from the start", "connect it or remove it")
LEADS_NOWHERE = _rule("leads_nowhere", "does not lead to an end", "connect it onwards to an end node")

NO_FAILURE_EDGE = _rule(
    "no_failure_edge", "hands its failures on, and no edge is there for them", "add one with failure: true"
)
NEEDLESS_FAILURE_EDGE = _rule(
    "needless_failure_edge",
    "a {kind:term} node that does not hand its failures on has an edge for them",
    "set on_failure to handle, or remove the edge",
)
SECOND_FAILURE_EDGE = _rule("second_failure_edge", "a second edge for failures", "keep one")

NEEDLESS_CONDITION = _rule(
    "needless_condition", "a condition means nothing on an edge that leaves a {kind:term} node", "remove it"
)
NEEDLESS_DEFAULT = _rule(
    "needless_default", "a default means nothing on an edge that leaves a {kind:term} node", "remove it"
)
SECOND_DEFAULT = _rule("second_default", "a second default edge", "keep one")
DEFAULT_WITH_CONDITION = _rule(
    "default_with_condition", "the default edge has a condition that would never be asked", "remove one of the two"
)
NO_CONDITION = _rule(
    "no_condition",
    "an edge that leaves an exclusive or inclusive node needs a condition",
    "write one, or make it the default edge",
)
UNREADABLE_EXPRESSION = _rule("expression", "{why} (character {position})", "write it in CEL")

NO_TITLE = _rule("no_title", "has no title", "write one")
TELLS_NOBODY = _rule("tells_nobody", "tells nobody", "name people, groups or the launcher")
COMPUTES_NOTHING = _rule("computes_nothing", "computes nothing", "add a value, or remove the node")
TIMER = _rule("timer", "needs either seconds or until", "give one of the two")
TIMER_SECONDS = _rule("timer_seconds", "seconds must be a number or a reference", "write 30 or ${…}")
TIMER_UNTIL = _rule(
    "timer_until", "'{until}' is no date and time with a zone", "write it as in 2030-01-31T09:00:00+08:00"
)
WRONG_EVENT_NAME = _rule(
    "event_name",
    "'{event}' is no name of an event",
    "letters, digits, '_', '-' and '.', beginning with a letter, at most 100",
)
KEY_WITHOUT_EVENT = _rule("key_without_event", "has a key and no event", "name the event")

END_INSIDE = _rule(
    "end_inside",
    "a branch of the parallel node '{node}' ends here",
    "lead the branch to the join of its parallel node",
)
JOIN_ALONE = _rule("join_alone", "no parallel node comes before this join", "remove it")
TWO_JOINS = _rule(
    "two_joins",
    "the branches of '{node}' meet in '{one}' and in '{other}'",
    "lead all branches of a parallel node to one join",
)
_APART: Final = "branches of a parallel node stay apart until their join"
BRANCHES_MEET = _rule(
    "branches_meet",
    "the branch '{source}' → '{target}' and the branch '{other_source}' → '{other_target}' meet in '{node}'",
    _APART,
)
BRANCH_LEFT = _rule(
    "branch_left",
    "a way outside of any parallel node and the branch '{source}' → '{target}' meet in '{node}'",
    _APART,
)

NO_INPUT_GIVEN = _rule("input_missing", "the input '{input}' is missing", "give it")
UNKNOWN_INPUT = _rule("input_unknown", "{plugin} has no input '{input}'", "its inputs are {known}")
UNKNOWN_INPUT_OF_FLOW = _rule("flow_input_unknown", "the flow has no input '{input}'", "its inputs are {known}")
TAKES_NO_INPUTS = _rule("takes_no_inputs", "there is no input '{input}'", "leave it out: no inputs are asked for here")
_REFERRED: Final = "refer to a secret input of this flow or to ${project.secrets.<name>}, and nothing around it"
SECRET_HELD = _rule("secret_held", "the input '{input}' takes a secret, and the flow must not hold it", _REFERRED)
SECRET_NOT_NAMED = _rule(
    "secret_not_named",
    "the input '{input}' takes a secret, whose name stands in the flow itself",
    f"write the name of one of the project's secrets, without ${{…}}; or {_REFERRED}",
)
SECRET_SEEN = _rule(
    "secret_seen",
    "{secret} is a secret and would be seen here",
    "give it to a plugin or to a flow inside, as ${…}",
)
NO_LIST = _rule("items", "is no list", "give a list, or a reference to one")

NOT_INSTALLED = _rule("plugin_missing", "{plugin} {version} is not installed in the project", "install it first")
OTHER_VERSION = _rule("plugin_version", "{plugin} {version} is not installed in the project", "installed is {versions}")
NOT_ALLOWED = _rule("plugin_not_allowed", "{plugin} {version} may not run: {why}", "ask those who keep the project")
UNDECLARED_OUTPUT = _rule("output", "{plugin} declares no output '{output}'", "its outputs are {known}")
NO_OUTPUTS = _rule("no_outputs", "{plugin} declares no output '{output}'", "name none of its outputs: it has none")

CONSTANT_NAME = _rule("constant_name", "'{name}' can't name a constant", "letters, digits and _, at most 64")
CONSTANT_CIRCLE = _rule("constant_circle", "'{name}' leads back to itself", "give it a value that does not name it")
CONSTANT_SECRET = _rule(
    "constant_secret", "a secret is no constant", "keep it among the secrets of the project, and name that"
)
CONSTANT_ONCE = _rule(
    "constant_once",
    "is worked out at the start, when {written} has no value",
    "name inputs and constants alone, or leave out once",
)

UNREADABLE_REFERENCE = _rule(
    "reference", "{why} (character {position})", "write ${name.name[0]}, or $${ for a literal ${"
)
NO_FLOW_INPUT = _rule("no_input", "the flow has no input '{input}' ({written})", "add it to the form")
UNKNOWN_ROOT = _rule("unknown_root", "'{root}' is not known ({written})", "begin with one of {known}")
NO_CONSTANT_NAMED = _rule(
    "no_constant_named", "names none of the constants ({written})", "write constants.<name>; there are {known}"
)
NO_CONSTANT = _rule(
    "no_constant",
    "the flow has no constant '{name}' ({written})",
    "add it to the constants of the flow; there are {known}",
)
UNKNOWN_FACT = _rule("fact", "{root} has no '{name}' ({written})", "{root} has {known}")
NO_VARIABLE_NAMED = _rule("no_variable_named", "names no single variable ({written})", "write project.variables.<name>")
NO_VARIABLE = _rule(
    "no_variable", "the project has no variable '{name}' ({written})", "add it to the project's variables"
)
NO_SECRET_NAMED = _rule("no_secret_named", "names no single secret ({written})", "write project.secrets.<name>")
NO_SECRET = _rule("no_secret", "the project has no secret '{name}' ({written})", "add it to the project's secrets")
INTO_SECRET = _rule("into_secret", "leads into a secret, which is a text ({written})", "write project.secrets.{name}")
NO_NODE = _rule("no_node", "there is no node '{node}' ({written})", "name an existing node")
NO_STEP = _rule("no_step", "'{node}' is a {kind:term} node without outputs", "name a step")
NO_PART = _rule("no_part", "a node has no '{part}' ({written})", "write nodes.{node}.outputs; there is also {others}")
RUNS_LATER = _rule("runs_later", "'{node}' does not run before this ({written})", "name a node that runs before")
MAY_NOT_RUN = _rule(
    "may_not_run",
    "'{node}' does not run before this on every way ({written})",
    "make sure it has run, or expect a failure here",
)

"""The kinds of policies, one a file: the type of its configuration, whose JSON Schema follows from it. Pure."""

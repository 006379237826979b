"""The hot road: bare ASGI from the client to the upstream. Serves from a snapshot; knows no database."""

"""Serves a plugin over HTTP: runs, polls, callbacks, logs."""

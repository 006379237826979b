"""Govern: what may be laid down for a system, a stage, a component or an app, in one model."""

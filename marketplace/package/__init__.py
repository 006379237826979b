"""The plugin package: its manifest, its archive, its digest. Pure."""

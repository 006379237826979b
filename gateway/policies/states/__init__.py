"""What policies count and remember while calls pass; pure, without I/O, for one event loop each."""

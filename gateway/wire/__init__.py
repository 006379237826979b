"""BlueKing's wire formats: credentials, envelopes, error codes. Pure; knows no socket and no snapshot."""

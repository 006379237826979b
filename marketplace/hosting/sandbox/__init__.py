"""Where code of others runs as a process without rights, and what of that this machine can enforce."""

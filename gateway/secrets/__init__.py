"""What secrets of systems and of projects have in common: how they are given, and where they may come from."""

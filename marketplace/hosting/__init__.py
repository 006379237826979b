"""Runs installed plugins in Python, each as a process of its own without rights."""

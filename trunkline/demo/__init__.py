"""The main job on real input, step by step: what `scripts/demo` shows."""

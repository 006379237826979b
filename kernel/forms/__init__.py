"""Forms: their model, whether one is sound, and whether data fit it. Pure."""

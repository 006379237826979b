"""The configuration the data plane serves from: its immutable model, how it is published, loaded and swapped."""

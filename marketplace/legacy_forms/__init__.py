"""BlueKing's form.js: read into the one form model, checked and brought to life, never trusted."""

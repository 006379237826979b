"""Runs installed plugins: `kernel.contracts.plugin_invoker`."""

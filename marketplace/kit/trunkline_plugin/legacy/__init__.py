"""The names by which plugins written for bk-plugin-framework find the kit."""

"""What helps an author write a package: folders, a first draft."""

"""Where foreign JavaScript runs on the server: processes without rights, and a pool of them."""

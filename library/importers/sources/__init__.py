"""One source a file, none knowing another."""

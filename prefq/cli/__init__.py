"""The command line: what people and DVC call."""

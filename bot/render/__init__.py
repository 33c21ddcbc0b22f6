"""A Report for people and machines: Slack blocks, a terminal view, JSON. Pure; words in TOML."""

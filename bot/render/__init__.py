"""A Report for people and machines: Slack blocks, a terminal view, JSON. Pure, with its words in TOML."""

"""The whole bot on one machine: a stand-in of Slack and sample mail hosts, on loopback alone."""

"""How Slack comes in: Bolt, over HTTP behind the guard or by Socket Mode; and who we are there."""

"""The Slack front: Bolt listeners, the HTTP guard before them, Socket Mode. No check runs here."""

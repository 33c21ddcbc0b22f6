"""DNS and mail servers, asked from a process of its own: no stranger's word holds up an ack.

The process that Slack talks to keeps Slack, the database, the rules of who may be asked, and the
cards. Its child opens every socket towards the world and reads what comes back: names, replies,
handshakes, certificates. What it found crosses a pipe as values of the model, as JSON, which is
validated: no more than that can come from a child that a stranger has taken over. It knows no
token, no setting but the resolver's, no database; and it is the last in the queue for a processor.

A child that dies or hangs is replaced, and whatever it was about is begun anew: a check does not
notice, but for the time it takes. Only a proof message is not handed over twice.
"""

from bot.apart.parent import Apart, open_apart

__all__ = ["Apart", "open_apart"]

"""The Slack front; no check runs here.

``front`` takes in what Slack sends, ``asking`` reads what people want, ``cards`` shows what became
of it and does what their buttons say, ``watching`` looks again. ``desk`` is handed to all of them:
jobs, results, ``permissions`` with their ``rates``, the ``journal`` of who did what.
"""

"""relaycheck: can a stranger send mail through this domain's servers?

One flow. Edges ask the world, rules judge what came back, and nothing else happens::

    "/relaycheck example.com"                                 chat.postMessage, chat.update
            |                                                              ^
    slack -----store, ack-----> jobs -----> check ---progress---> deliver ---> render
         request: text to Request             |  ^
                                  asks, talks |  | answers, exchanges
                                              v  |
                     PURE  posture  relay  model      EDGE  network (DNS, SMTP)

The map, upper storeys first; a module imports only from storeys below its own:

==============  =================================================================
``cli``         the command line
``sandbox``     a stand-in of Slack and sample mail hosts, on this machine alone
``app``         the wiring; the one module that knows every other
``slack``       Bolt listeners: slash command, actions, views; the HTTP guard
``jobs``        work that was accepted: started, deduplicated, drained
``late``        proof messages that arrive after the report, for a day
``world``       the edges of a check, opened as the settings say
``replay``      stored reports and pasted transcripts, judged by today's rules
``reach``       whether mail servers can be reached from here
``check``       the story on one page: a Request in, Progress out
``doctor``      whether relaycheck is set up so that its probes are believed
``deliver``     keeps one message in Slack current while a check runs
``interview``   one address, asked at each port, and once more where that helps
``apart``       DNS and mail servers, asked from a process of its own
``talk``        one conversation with one endpoint, cut off in time
``edges``       all that a check needs of the world, as types
``board``       the report of a running check, as facts arrive
``identity``    who the probe says it is
``store``       what outlives a check: reports, cards, watches, audit (SQLAlchemy)
``network``     the only sockets: DNS (dnspython) and SMTP (aiosmtplib)
``render``      a Report as Slack blocks, as a terminal view, as JSON
``breaker``     pure: when probes pause, because servers say that we are on a blocklist
``settling``    pure: when a watched host's verdict has changed for certain
``posture``     pure: what DNS answers say about a domain's mail hosts
``relay``       pure: what to say to a mail server, and what its replies prove
``request``     pure: what a person typed, as a Request or a UsageError
``history``     pure: a domain's verdicts over time, and where they changed
``watch``       pure: what changed between two reports of a domain
``policy``      pure: who may be asked what, before any connection
``settings``    the environment, validated once, frozen
``metrics``     what an operator watches, counted, in Prometheus' format
``logs``        the log: one line a record, with its check, and no secret in it
``plain``       values of the model as plain ones and back (pydantic)
``model``       frozen dataclasses that all the others pass to each other
==============  =================================================================

What a mail expert would edit (reply meanings, fingerprints, host-name rules, blocklists,
remedies, titles and severities) is TOML beside the module that reads it.
"""

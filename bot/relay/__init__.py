"""Pure rules of the relay question: what to say in SMTP, and what the replies prove."""

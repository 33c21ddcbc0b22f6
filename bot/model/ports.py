"""The ports that mail servers listen on for SMTP; no other is asked unless an operator says so."""

# smtp (RFC 5321), submissions (RFC 8314 §3.3), submission (RFC 6409): IANA's registry.
WELL_KNOWN_PORTS = (25, 465, 587)
SUBMISSIONS = 465  # TLS from the first byte
SUBMISSION = 587

"""The edges: the only modules that open a socket to DNS servers and mail servers."""

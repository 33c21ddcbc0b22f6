"""Domains that are looked at again and again: words, list and buttons, a look, what it tells."""

"""What a check becomes: its result, the cards that tell it, and what their buttons do."""

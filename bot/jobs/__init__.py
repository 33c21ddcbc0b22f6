"""Work that was accepted: started, deduplicated, drained at shutdown."""

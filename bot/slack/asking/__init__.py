"""What people type, and where: the words of the command, mentions, shortcuts, forms, Home."""

"""The values that every other package passes around: frozen, typed, free of I/O and of opinion."""

"""Forms of an organ's own side: they look at the shape of what was typed, the verbs at its truth."""

"""Forms of the others' side: they validate shape, the verbs validate truth."""

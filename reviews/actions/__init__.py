"""The verbs of the others' side, by noun."""

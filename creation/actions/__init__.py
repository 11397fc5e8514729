"""The verbs of an organ's own side, by noun. Each asks the rule, checks the facts, writes its row and moves."""

"""What programs read: the same rows as people, through the same querysets and rates; nothing can be changed here."""

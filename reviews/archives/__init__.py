"""Writing a closed round into folders: what is said of an organ and of the round, and how it gets onto the disk."""

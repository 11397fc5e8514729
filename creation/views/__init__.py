"""Pages of an organ's own side: fetch in scope, call one verb, redirect."""

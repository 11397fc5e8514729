"""Pages of the others' side: fetch in scope, call one verb, redirect."""

"""Completion rates on screen: reads the snapshot, or counts a past day; holds no formula of its own."""

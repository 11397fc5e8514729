"""The demonstration world, built through the same verbs that people use; the tests use the same builders."""

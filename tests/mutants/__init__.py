"""Mutation testing: which changes of the code the tests notice, room by room (``make test-mutants``)."""

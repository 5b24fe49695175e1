"""Signed updates: fetched from a repository, proved on this bin, put in place by a rename, watched, and taken back by itself."""

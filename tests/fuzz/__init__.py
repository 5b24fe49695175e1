"""Damaged and hostile inputs for each reader: made by hypothesis from a small corpus, judged by error, time and memory."""

"""The way out to a person: streams, Ctrl-C, and text that is fit to be shown."""

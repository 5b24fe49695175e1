"""The bin's page: a web server beside the loop, for the phone of whoever owns the bin."""

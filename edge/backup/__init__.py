"""A bin in one file: its configuration, models, events and pictures, made while it sorts and restored onto another card."""

"""One file per label; each has a table ``KINDS`` of kind name to maker."""

"""Teaching: from the owner's pictures to a head for this bin, with its own check."""

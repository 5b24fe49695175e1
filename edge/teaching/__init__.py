"""What the owner teaches a bin: pictures with labels, and the heads that are fitted to them."""

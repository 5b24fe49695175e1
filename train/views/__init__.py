"""Training views: augmentation, backgrounds, batches, and the processes that make them."""

"""Training views: augmentation, grounds, batches and the processes that make them."""

"""A trapdoor under the item, and below it a chute with a plate for each bin but the last."""

"""Pictures that teach: their looks, labels and faults, and the examples made of them."""

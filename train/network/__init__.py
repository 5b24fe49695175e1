"""The networks: architectures, weights, BatchNorm, and int8 models taken back to float."""

"""Networks: architectures, initial weights, BatchNorm, dequantization of int8 models."""

"""``make test-pi``: runs the sorter on an emulated 64-bit Raspberry Pi, with kernel pins, kernel cameras and a first boot."""

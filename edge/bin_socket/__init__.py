"""The socket of a running bin: between the loop, which alone owns camera and flaps, and its neighbours on the same computer."""

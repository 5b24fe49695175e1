"""How fast the line is on this machine: what ``python -m edge bench`` measures."""

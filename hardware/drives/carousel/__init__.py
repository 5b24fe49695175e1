"""A rotating chute below the tray, turned by one stepper motor to the bin that an item is for; a gate lets the item fall."""

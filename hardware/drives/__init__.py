"""What moves the flaps: a folder for each kind of drive, with its section of the configuration, driver and simulated body."""

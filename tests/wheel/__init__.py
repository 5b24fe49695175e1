"""What somebody gets who installs the wheel: no checkout, an empty folder."""

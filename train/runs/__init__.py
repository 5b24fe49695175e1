"""What a run was asked for and what it made: settings, recipes, the run folder."""

"""Settings, recipes and folders of training runs."""

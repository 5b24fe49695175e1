"""The bin's page in a real browser: Debian's Chromium beside the simulated bin. Run by ``make test-page``."""

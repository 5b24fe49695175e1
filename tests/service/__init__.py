"""``make test-service``: installs, upgrades, breaks and removes the service under a real systemd in a Debian 13 container."""

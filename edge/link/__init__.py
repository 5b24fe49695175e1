"""The way out: what a bin tells the network by MQTT, to Home Assistant and to Prometheus, in a process of its own."""

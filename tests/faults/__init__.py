"""Faults that a running desk must survive: kills at every effect, power loss, databases and servers that come and go."""

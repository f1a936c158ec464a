"""The running desk as a process of its own."""

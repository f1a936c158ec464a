"""What cards, modals and the home tab show: read from the register into plain typed data."""

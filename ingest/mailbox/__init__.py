"""Reading mailboxes over IMAP: one connection a box, nothing deleted, nothing missed.

tokens → connection → folders (what is new, marks) → poller (poll, IDLE, reconnect).
"""

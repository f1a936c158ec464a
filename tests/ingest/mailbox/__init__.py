"""Mailboxes over real IMAP."""

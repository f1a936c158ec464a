"""Erasing a client or a person everywhere; the audit chain stays valid, figures stay without names."""

from cases.erasure.client import erase_policyholder
from cases.erasure.person import erase_person
from cases.erasure.retention import forget_messages
from cases.erasure.traces import Erasure

__all__ = ["Erasure", "erase_person", "erase_policyholder", "forget_messages"]

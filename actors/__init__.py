"""Threads with inboxes: order in time. Arithmetic and decisions live elsewhere, as pure objects."""

"""MPD's commands, one small function each, registered on import."""

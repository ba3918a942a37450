"""The MPD text protocol: tokenizer, registry, sessions, rendering, idle, server."""

"""Everything that outlives a restart: SQLite through peewee; pure types cross its door."""

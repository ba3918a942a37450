"""The database: models, migrations and the stores that hand out playback types."""

"""The tables, as peewee sees them. ``migrations`` makes them; a test compares the two.

The models are bound to no database: each query is executed on the one it is meant for, so that
two databases can be open at once. Where rows come by the thousand, plain SQL with
``executemany`` does the work: a tenth of the time.

A queue entry has two rows. What it is (``queue_entries``) is wide and seldom changes; where it
is (``queue_places``) is narrow and changes for everything behind an edit: moving 10,000 narrow
rows writes 200 kB, where wide ones would write 4 MB to the card.
"""

from __future__ import annotations

from peewee import (
    BlobField,
    BooleanField,
    CompositeKey,
    Field,
    FloatField,
    IntegerField,
    Model,
    TextField,
)

from storage.text import loaded, stored


class UnsafeTextField(Field):
    """Text that may hold what is no text (see ``storage.text``)."""

    def db_value(self, value: str | None) -> str | bytes | None:
        """Return what SQLite takes."""
        return None if value is None else stored(value)

    def python_value(self, value: str | bytes | None) -> str | None:
        """Return the text again."""
        return None if value is None else loaded(value)


class QueueEntryRow(Model):
    """What a queue entry is.

    ``uri`` is text, or bytes where the file's name is not UTF-8; ``tag_names`` and
    ``tag_values`` are JSON lists of the same length; ``range`` is a JSON list of two
    file-absolute ticks; ``span`` is a JSON list of start and end, of ``span_file``.
    """

    id = IntegerField(primary_key=True)
    uri = UnsafeTextField()
    tag_names = TextField()
    tag_values = TextField()
    duration_s = FloatField(null=True)
    last_modified = IntegerField(null=True)
    audio_format = TextField(null=True)
    priority = IntegerField()
    range = TextField(null=True)
    span_file = UnsafeTextField(null=True)
    span = TextField(null=True)

    class Meta:
        """Names the table."""

        table_name = "queue_entries"


class QueuePlaceRow(Model):
    """Where a queue entry is, and the queue version at which it last changed."""

    id = IntegerField(primary_key=True)
    position = IntegerField()
    version = IntegerField()

    class Meta:
        """Names the table."""

        table_name = "queue_places"


class PlayerRow(Model):
    """One field of the player; ``value`` is JSON."""

    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        """Names the table."""

        table_name = "player"


class OutputRow(Model):
    """One configured output and whether it is enabled."""

    id = IntegerField(primary_key=True)
    name = UnsafeTextField()
    plugin = TextField()
    enabled = BooleanField()
    device = UnsafeTextField()
    chosen = BooleanField(default=False)

    class Meta:
        """Names the table."""

        table_name = "outputs"


class SettingRow(Model):
    """One setting as the user wrote it."""

    key = TextField(primary_key=True)
    value = UnsafeTextField()

    class Meta:
        """Names the table."""

        table_name = "settings"


class PassageRow(Model):
    """A stored passage of a file; points are file-absolute ticks, NULL = not set.

    ``name`` is empty for the whole-file passage, and ``/URI`` for a track of a CUE sheet.
    """

    id = IntegerField(primary_key=True)
    uri = UnsafeTextField()
    name = UnsafeTextField()
    start = IntegerField()
    end = IntegerField(null=True)
    fade_in = IntegerField(null=True)
    fade_out = IntegerField(null=True)
    lead_in = IntegerField(null=True)
    lead_out = IntegerField(null=True)
    fade_in_curve = TextField(null=True)
    fade_out_curve = TextField(null=True)

    class Meta:
        """Names the table."""

        table_name = "passages"
        indexes = ((("uri", "name"), True),)


class StickerRow(Model):
    """A named value that a client has attached to something."""

    kind = TextField()
    uri = UnsafeTextField()
    name = UnsafeTextField()
    value = UnsafeTextField()

    class Meta:
        """Names the table and its key."""

        table_name = "stickers"
        primary_key = CompositeKey("kind", "uri", "name")
        indexes = ((("kind", "name", "uri"), False),)


class MeasurementRow(Model):
    """What came of measuring one version of a file; ``failure`` says why nothing did.

    Peaks are linear, silences are ticks, ramps are packed (see ``storage.measurement_rows``).
    """

    uri = UnsafeTextField(primary_key=True)
    modified_ns = IntegerField()
    size_bytes = IntegerField()
    method = IntegerField()
    failure = TextField(null=True)
    loudness_lufs = FloatField(null=True)
    sample_peak = FloatField(null=True)
    true_peak = FloatField(null=True)
    silence_before = IntegerField(null=True)
    silence_after = IntegerField(null=True)
    start_ramp = BlobField(null=True)
    end_ramp = BlobField(null=True)

    class Meta:
        """Names the table."""

        table_name = "measurements"


MODELS: tuple[type[Model], ...] = (
    QueueEntryRow,
    QueuePlaceRow,
    PlayerRow,
    OutputRow,
    SettingRow,
    PassageRow,
    StickerRow,
    MeasurementRow,
)

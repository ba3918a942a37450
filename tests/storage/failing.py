"""Ways to make writing a real database fail for real."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
from collections.abc import Iterator

from storage.database import Database


@contextlib.contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another program holds the write lock."""
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@contextlib.contextmanager
def full(database: Database) -> Iterator[None]:
    """SQLite may not grow the file: it answers as on a full disk."""
    pages = database.connection.execute("PRAGMA page_count").fetchone()[0]
    database.connection.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        database.connection.execute("PRAGMA max_page_count = 1000000")


@contextlib.contextmanager
def read_only(database: Database) -> Iterator[None]:
    """SQLite refuses to write, as on a file system mounted read-only."""
    database.connection.execute("PRAGMA query_only = 1")
    try:
        yield
    finally:
        database.connection.execute("PRAGMA query_only = 0")


@contextlib.contextmanager
def refused_by_the_kernel(database: Database) -> Iterator[None]:  # noqa: ARG001 (one form for all)
    """No file of this process may be written: the system call itself fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

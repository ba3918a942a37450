"""Keeps libasound from writing its complaints to the user's terminal.

Its error handler is replaced, once, by a C function that does nothing. A Python function would
need the interpreter lock in a thread of libpulse, for which the thread that holds the lock may
be waiting. What a user needs to know stands in the SinkError.
"""

from __future__ import annotations

import ctypes
import functools


@functools.cache
def quieten_libasound() -> None:
    """Do it, for the rest of the process."""
    libasound = ctypes.CDLL("libasound.so.2")
    nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
    libasound.snd_lib_error_set_handler(nothing)

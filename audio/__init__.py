"""Sound: decoding, resampling, mixing and output as functions on numpy blocks."""

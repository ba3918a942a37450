"""Benchmarks: what the requirements promise, measured on the machine at hand.

Run by hand (``python -m bench.latency``), and by CI in a short form that only fails on gross
regressions. Real files, real decoders, a real database and a real server; only the sound card is
replaced by a clock.
"""

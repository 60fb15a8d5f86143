"""Backends run a model. Nothing outside `inference.engine` and the benchmarks imports one."""

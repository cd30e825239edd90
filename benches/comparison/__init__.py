"""The parts of `benches/compare`: servers, the work that they are given, and the tables of what it cost."""

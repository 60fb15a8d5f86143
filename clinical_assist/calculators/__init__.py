"""Clinical calculators: tested code with units, ranges, sources and limits. A language model computes none of them."""

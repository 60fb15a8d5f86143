"""How far proposals and marks agree, how questions work, what looks alike, and what tricks would gain."""

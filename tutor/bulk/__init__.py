"""Acts on many rows at once: done by a worker, all or nothing, with a page that shows how far they are."""

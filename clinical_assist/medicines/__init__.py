"""Medicines: what they are called, how they are dosed, and the checks that an order goes through. Offline."""

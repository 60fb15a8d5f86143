"""Exercises and practice: tries checked by the machine, hints from the material; beside marks, never in them."""

"""What goes on in the log over time, and whose reading stands out, with the rule that says so."""

"""How often each rule of the checks fires and is overridden, and what people found when they looked at it."""

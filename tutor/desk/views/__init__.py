"""Pages of the desk under /o/<organisation>/tutor/marking/."""

"""Knowledge tracing: what somebody can do, from what they answered; and when to look at it again. Needs no Django."""

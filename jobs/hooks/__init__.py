"""Where upper apps add to this one: a typed list for each hook, filled in the `ready` of their AppConfig."""

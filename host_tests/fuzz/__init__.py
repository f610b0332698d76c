"""make fuzz: hostile dialogues, each judged by a strict model of what the client can know."""

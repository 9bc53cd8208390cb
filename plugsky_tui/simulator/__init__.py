"""The offline Plugsky API on loopback, and its rule-based agent. A stranger to the client it serves."""

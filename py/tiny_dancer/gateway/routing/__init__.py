"""From a request to the upstream it goes to: conversation, model name, decision."""

"""One module a topic; a module that is here is loaded."""

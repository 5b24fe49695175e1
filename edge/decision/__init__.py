"""From predictions to a bin: the vote over several views, and the policy."""

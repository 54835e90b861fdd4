"""licences: the e-licence library."""

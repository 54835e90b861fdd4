"""notices: messages from template to receipt."""

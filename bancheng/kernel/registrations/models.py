"""What registrations keeps."""

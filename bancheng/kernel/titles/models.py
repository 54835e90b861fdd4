"""What titles keeps."""

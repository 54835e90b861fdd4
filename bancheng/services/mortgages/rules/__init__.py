"""What the law and the agreements say, pure: values in, values out."""

"""The page shell: base templates, components, doors and problem format."""

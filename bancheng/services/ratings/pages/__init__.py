"""The doors of ratings: raters, the public, the counter's device, the units' desk, reviewers, leaders."""

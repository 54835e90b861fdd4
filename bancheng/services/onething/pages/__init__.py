"""The doors: what anybody reads, what an applicant does, what a desk does, what a leader sees."""

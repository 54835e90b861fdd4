"""registrations: the registration office: from an application to the entry in the book and the sealed certificate."""

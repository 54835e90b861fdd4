"""Every read: `reading` applications, `papers` certificates, `differences` an application beside the book."""

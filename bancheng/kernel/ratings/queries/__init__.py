"""Every read: whose occasion it is, whose call-back, and figures that name nobody."""

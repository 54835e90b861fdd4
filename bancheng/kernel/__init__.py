"""The kernel: parts every service leans on, entered only by their `public.py`."""

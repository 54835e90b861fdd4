"""Accounts, persons, organisations and grants."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A sign-in account: staff, or a citizen known by the city's identity provider."""

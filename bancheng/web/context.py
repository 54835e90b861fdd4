"""What every page of the shell knows."""


def page(request):
    return {}

"""The three fates of a "no": lawful (`Refused`), garbled or absent outside (`Garbled`, `Unavailable`).

Anything else that is raised is a bug of ours and crashes.
"""


class Refused(Exception):
    """A lawful or agreed no: shown to the person as it stands, logged without alarm.

    `code` is stable and in English (`socket_busy`); `says` is one Chinese sentence that tells what happened, what was
    kept and what to do; `en` says the same in English; `law` is the article that forces us, when one does.
    """

    def __init__(self, code: str, says: str, *, en: str = "", law: str = "", status: int = 409) -> None:
        super().__init__(code, says)
        self.code = code
        self.says = says
        self.en = en or says
        self.law = law
        self.status = status


class Garbled(Exception):
    """The outside sent what cannot be read: counted and dropped, never guessed at."""


class Unavailable(Exception):
    """The outside did not answer: the work is tried again later."""

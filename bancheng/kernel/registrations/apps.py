"""registrations as Django loads it: what is sealed, what clocks and the book tell it, what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class RegistrationsConfig(AppConfig):
    name = "bancheng.kernel.registrations"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.clocks import public as clocks
        from bancheng.kernel.registrations.operations import booking, night
        from bancheng.kernel.registrations.rules import words
        from bancheng.kernel.titles import public as titles

        self._seal()
        clocks.before_acting.connect(night.hold)
        clocks.silence.connect(night.accept_by_silence)
        clocks.overdue.connect(night.escalate)
        clocks.deadline_moved.connect(night.move_due)
        titles.changed.connect(booking.follow_book)
        titles.changed.connect(night.promise_suspension)
        audit.labels({f"registrations.{act}": said for act, said in words.ACTS.items()})
        audit.labels(LABELS)

    def _seal(self) -> None:
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.registrations import content

        identity.register_sealed_column("registrations.Party", "id_sealed", "citizen_id", "uscc", hash_field="id_hash")
        identity.register_hashed_column("registrations.CertificateHolder", "holder_hash")
        identity.register_sealed_column("registrations.Line", "words_sealed", content.WORDS)
        identity.register_sealed_column("registrations.Enquiry", "words_sealed", content.WORDS)
        identity.register_sealed_column("registrations.Wanted", "said_sealed", content.SAID)
        identity.register_sealed_column("registrations.Certificate", "said_sealed", content.SAID)
        identity.register_sealed_column("registrations.CertificateFile", "file_sealed", content.FILE, at_once=20)
        identity.register_sealed_column("registrations.Letter", "said_sealed", content.SAID)
        identity.register_sealed_column("registrations.LetterFile", "file_sealed", content.FILE, at_once=20)


LABELS = {
    "registrations.made": Text("制发不动产电子证照", "Real-estate certificate made"),
    "registrations.fetched": Text("下载不动产电子证照", "Real-estate certificate downloaded"),
    "registrations.letter_made": Text("制发登记文书", "The office's letter written and sealed"),
    "registrations.letter_fetched": Text("下载登记文书", "The office's letter downloaded"),
    "registrations.enquired": Text("查询不动产登记资料", "The book was asked"),
}

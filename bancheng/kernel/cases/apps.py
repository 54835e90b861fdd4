"""cases as Django loads it: what is sealed, what clocks tell it, what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class CasesConfig(AppConfig):
    name = "bancheng.kernel.cases"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.cases import content, facts, similar
        from bancheng.kernel.cases.operations import applicants, locking, silence
        from bancheng.kernel.cases.rules.words import ACTS
        from bancheng.kernel.clocks import public as clocks
        from bancheng.kernel.identity import public as identity

        identity.register_sealed_column(
            "cases.Case", "applicant_sealed", "citizen_id", "uscc", "passport", hash_field="applicant_hash"
        )
        identity.register_sealed_column("cases.Submission", "sealed", content.KIND)
        clocks.before_acting.connect(locking.hold)
        facts.happened.connect(applicants.end_applicant)
        identity.organisation_cancelled.connect(applicants.end_cases_of)
        clocks.silence.connect(silence.let_silence_act)
        clocks.overdue.connect(silence.escalate)
        clocks.deadline_moved.connect(silence.move_due)
        similar.similar_asked.connect(similar.of_same_applicant)
        audit.labels({f"cases.{act}": said for act, said in ACTS.items()})
        audit.labels({"cases.flows_loaded": Text("载入办理流程", "Flows loaded")})

"""ratings as Django loads it: what is sealed, what clocks tell it, what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class RatingsConfig(AppConfig):
    name = "bancheng.kernel.ratings"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.clocks import public as clocks
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.ratings import content, rules
        from bancheng.kernel.ratings.operations import call_backs

        identity.register_hashed_column("ratings.Occasion", "rater_hash")
        identity.register_sealed_column("ratings.Occasion", "contact_sealed", content.CONTACT)
        for model in ("Rating", "CallBackLine", "AppealLine"):
            identity.register_sealed_column(f"ratings.{model}", "words_sealed", content.WORDS)
        identity.register_sealed_column("ratings.AppealLine", "evidence_sealed", content.WORDS)
        identity.register_sealed_column("ratings.Rating", "agent_sealed", content.AGENT)
        clocks.before_acting.connect(call_backs.hold)
        clocks.overdue.connect(call_backs.escalate)
        clocks.deadline_moved.connect(call_backs.move_due)
        audit.labels({f"ratings.call_back_{act}": said for act, said in rules.ACTS.items()})
        audit.labels(
            {
                f"ratings.appeal_{state}": Text(f"差评复核：{said.zh}", f"Appeal of a rating: {said.en}")
                for state, said in rules.RULINGS.items()
            }
        )
        audit.labels(
            {
                "ratings.invited": Text("请服务对象评价", "Asked to rate"),
                "ratings.rated": Text("评价服务", "Service rated"),
                "ratings.slip_given": Text("给出评价查询码", "Code given to look an answer up"),
            }
        )

"""documents as Django loads it: which columns are sealed or hashed, and what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class DocumentsConfig(AppConfig):
    name = "bancheng.kernel.documents"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.documents.operations import CONTENT, KEY, release_drafts
        from bancheng.kernel.documents.queries import NAME
        from bancheng.kernel.forms import public as forms
        from bancheng.kernel.identity import public as identity

        # a blob is sealed under its own key, which stands sealed in the row: rotation never touches a blob
        identity.register_sealed_column("documents.Document", "key_sealed", KEY)
        identity.register_sealed_column("documents.Document", "content_sealed", CONTENT, hash_field="content_hash")
        identity.register_sealed_column("documents.Use", "name_sealed", NAME)
        identity.register_hashed_column("documents.Use", "holder_hash")
        forms.drafts_forgotten.connect(release_drafts)
        audit.labels(LABELS)


LABELS = {
    "documents.stored": Text("保存材料文件", "Document stored"),
    "documents.reused": Text("复用材料文件", "Document used again"),
    "documents.read": Text("查看材料文件", "Document read"),
    "documents.released": Text("撤回材料文件", "Document taken back"),
    "documents.forgotten": Text("清除不再使用的文件", "Unused document forgotten"),
    "documents.infected": Text("拒收带病毒的文件", "Infected file refused"),
}

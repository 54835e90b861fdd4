"""The face of documents: take files in, use them again, read them with a line left behind, and say what is there."""

from bancheng.kernel.documents.handing_over import hand_over
from bancheng.kernel.documents.operations import (
    Content,
    Stored,
    Swept,
    forget_unused,
    limits,
    read,
    release,
    release_all,
    reuse,
    store,
    sweep,
)
from bancheng.kernel.documents.queries import Status, View, brought_by, find, status, uses, uses_question, weight
from bancheng.kernel.documents.rules.kinds import ALL, MEDIA_TYPES, PICTURES, SAYS, Kind, Limits, check_size, named
from bancheng.kernel.documents.stores import BlobMissing

__all__ = [
    "ALL",
    "MEDIA_TYPES",
    "PICTURES",
    "SAYS",
    "BlobMissing",
    "Content",
    "Kind",
    "Limits",
    "Status",
    "Stored",
    "Swept",
    "View",
    "brought_by",
    "check_size",
    "find",
    "forget_unused",
    "hand_over",
    "limits",
    "named",
    "read",
    "release",
    "release_all",
    "reuse",
    "status",
    "store",
    "sweep",
    "uses",
    "uses_question",
    "weight",
]

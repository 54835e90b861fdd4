"""What the service's actions are called in the record."""

from bancheng.kernel.audit import public as audit
from bancheng.lib.text import Text

audit.labels(
    {
        "mortgages.agreement_proposed": Text("发起合作协议", "Agreement proposed"),
        "mortgages.agreement_signed": Text("签署合作协议", "Agreement signed"),
        "mortgages.agreement_turned_down": Text("不签署合作协议", "Agreement turned down"),
        "mortgages.agreement_ended": Text("提前终止合作协议", "Agreement ended"),
        "mortgages.officer_named": Text("指定首席服务官", "Chief service officer named"),
        "mortgages.contact_noted": Text("登记上门服务", "Visit noted"),
        "mortgages.symposium_noted": Text("登记座谈会", "Symposium noted"),
        "mortgages.request_asked": Text("提出诉求", "Request asked"),
        "mortgages.request_sorted": Text("研判诉求", "Request sorted"),
        "mortgages.request_answered": Text("答复诉求", "Request answered"),
        "mortgages.request_rated": Text("评价诉求答复", "Answer rated"),
        "mortgages.request_sent_back": Text("诉求退回办理", "Request sent back"),
    }
)

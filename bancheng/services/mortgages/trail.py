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
        "mortgages.bundle_owed": Text("生成档案目录", "List of a bundle made"),
        "mortgages.bundle_created": Text("档案归档", "Bundle filed"),
        "mortgages.bundle_moved": Text("档案移架", "Bundle moved"),
        "mortgages.bundle_lent": Text("档案借出", "Bundle lent"),
        "mortgages.bundle_returned": Text("档案归还", "Bundle returned"),
        "mortgages.bundle_inspected": Text("档案抽检", "Bundle inspected"),
        "mortgages.bundle_keeper": Text("档案保管人交接", "Bundle's keeper changed"),
        "mortgages.bundle_handed_over": Text("档案移交", "Bundle handed over"),
        "mortgages.bundle_lost": Text("档案遗失", "Bundle lost"),
        "mortgages.bundle_found": Text("档案找回", "Bundle found again"),
        "mortgages.look_up_asked": Text("调阅档案", "Look-up asked"),
        "mortgages.look_up_answered": Text("答复调阅", "Look-up answered"),
        "mortgages.inspection_drawn": Text("抽取抽检样本", "Sample drawn"),
        "mortgages.finding_opened": Text("发现档案问题", "Finding opened"),
        "mortgages.finding_explained": Text("说明档案问题", "Finding explained"),
        "mortgages.quoted": Text("银行查询登记簿", "A bank asked the book"),
        "mortgages.filing_prepared": Text("经办抵押申报", "Filing prepared"),
        "mortgages.filing_dropped": Text("作废抵押申报", "Filing dropped"),
        "mortgages.filing_filed": Text("提交抵押申报", "Filing filed"),
        "mortgages.complained": Text("投诉银行搭售", "Complaint made"),
        "mortgages.complaint_answered": Text("答复投诉", "Complaint answered"),
        "mortgages.finding_closed": Text("关闭档案问题", "Finding closed"),
    }
)

"""How a citation is printed: "行政许可法 第四十二条" in data, 《行政许可法》第四十二条 in Chinese, art. 42 in
English."""

import re

from bancheng.lib.text import Text

# short title -> English name
LAWS = {
    "行政许可法": "Administrative Licensing Law",
    "行政复议法": "Administrative Reconsideration Law",
    "行政处罚法": "Administrative Penalty Law",
    "民事诉讼法": "Civil Procedure Law",
    "民事诉讼法解释": "Interpretation of the Civil Procedure Law",
    "人民调解法": "People's Mediation Law",
    "政府采购法": "Government Procurement Law",
    "政府采购法实施条例": "Regulation Implementing the Government Procurement Law",
    "政府采购质疑和投诉办法": "Measures on Procurement Challenges and Complaints",
    "政府采购货物和服务招标投标管理办法": "Measures on Tenders for Goods and Services",
    "市场主体登记管理条例": "Regulation on the Registration of Market Entities",
    "市场主体登记管理条例实施细则": "Rules Implementing the Regulation on the Registration of Market Entities",
    "不动产登记暂行条例": "Interim Regulation on Real Estate Registration",
    "优化营商环境条例": "Regulation on Improving the Business Environment",
    "河南省优化营商环境条例": "Henan Regulation on Improving the Business Environment",
    "河南省社会信用条例": "Henan Social Credit Regulation",
    "消防法": "Fire Protection Law",
    "大型群众性活动安全管理条例": "Regulation on the Safety of Large Public Events",
    "营业性演出管理条例": "Regulation on Commercial Performances",
    "电力供应与使用条例": "Regulation on the Supply and Use of Electricity",
    "政府信息公开条例": "Regulation on Open Government Information",
    "保障中小企业款项支付条例": "Regulation on Payments to Small and Medium-sized Enterprises",
    "人民法院在线调解规则": "Rules of Online Mediation of the People's Courts",
    "最高人民法院关于人民法院特邀调解的规定": "Provisions on Invited Mediation",
    "最高人民法院关于人民调解协议司法确认程序的若干规定": "Provisions on Judicial Confirmation of Mediation Agreements",
    "最高人民法院关于办理财产保全案件若干问题的规定": "Provisions on the Preservation of Property",
    "国家税务总局公告2022年第26号": "State Taxation Administration Announcement No. 26 of 2022",
    "人脸识别技术应用安全管理办法": "Measures on the Safe Use of Face Recognition",
    "全国年节及纪念日放假办法": "Measures on National Festivals and Holidays",
}
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
ARTICLE = re.compile(r"第([零一二三四五六七八九十百]+)条")


def cite(law: str) -> Text:
    """Return `law` as printed in both languages; a law without an English name keeps its Chinese one."""
    title, _, articles = law.partition(" ")
    numbers = [str(number_of(found)) for found in ARTICLE.findall(articles)]
    english = LAWS.get(title, title)
    if numbers:
        listed = ", ".join(numbers[:-1]) + (" and " if numbers[:-1] else "") + numbers[-1]
        english += f", art{'s' if numbers[:-1] else ''}. {listed}"
    return Text(f"《{title}》{articles}", english)


def number_of(chinese: str) -> int:
    """Return the value of a Chinese numeral below one thousand, as articles are numbered."""
    total = digit = 0
    for char in chinese:
        if char in DIGITS:
            digit = DIGITS[char]
        else:
            total += (digit or 1) * {"十": 10, "百": 100}[char]
            digit = 0
    return total + digit

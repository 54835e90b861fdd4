from datetime import date, datetime
from zoneinfo import ZoneInfo
def now() -> datetime: return datetime.now(ZoneInfo("Asia/Shanghai"))
def today() -> date: return now().date()

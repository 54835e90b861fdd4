"""console (运行台): where those who keep the platform running, and those who check on them, sit down.

Promise   What waits, what failed and why, what is done about it; who did what to which thing, and that nobody changed the record;
          who may do what, by which days time counts, what notices say and what guides lack; which systems of others are let in.
For whom  平台运维 (operator), 审计 (auditor), 日历管理, 通知模板管理, 事项目录管理, 单位管理员 for the officers of a unit.
          The rooms stand in `pages/<room>.py`; what they change is the kernel's, each by one operation of its face.
Law       –
States    A verification: asked → under way → finished, with or without findings.
Can fail  The worker is down: the page says so (no sign of life), jobs wait, nothing is lost.
          The record was tampered with: the verification names the event and the seal; see docs/decisions/0002-audit-batches.md.
"""

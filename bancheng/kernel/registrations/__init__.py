"""registrations: the registration office: from an application to the entry in the book and the sealed certificate.

Promise: every application has one case, whatever channel it came by; nothing is recorded that its owners did not agree to with accounts
of their own; the right exists from the moment it is recorded, and the certificate that says so fails the moment it ends.
For: owners and their banks, developers, the registry's acceptors, reviewers and bookers, whoever is shown a certificate.
Law: 民法典 第二百一十四、四百零二条 (effect at recording); 不动产登记暂行条例 第十四条 (joint application), 第十五条 (withdrawal until recorded),
第十七条 (silence accepts), 第二十条 (30 working days), 第二十二条 (refusal), 第二十七、二十八条 (enquiry).
States: draft → submitted → accepted → reviewed → recorded → certified → delivered → archived; beside them correction_required,
announcing, site_visit, suspended; ended: not_accepted, refused, withdrawn.
What can go wrong: one home filed twice within a minute (one case); an owner who knows nothing of it (he is told before it is recorded, and
his objection stops it); a seizure between acceptance and recording (refused, naming the court's case); a certificate's number missing
in its series (numbers are allotted when certifying, never inside the recording transaction: decision 0030).
"""

"""registry (不动产登记): the desks of the registration office, and what citizens do with it.

Promise: whoever is named in an application sees it, agrees or objects with an account of his own, before anything is recorded; acceptor,
reviewer and booker each have a desk that shows what runs out first and where the application and the book differ; anybody can check a
certificate by its number or file at that second. For: owners and their families, the registry's officers, whoever is shown a certificate.
Law: 民法典 第二百一十四条; 不动产登记暂行条例 第十四、十五、十七、二十、二十二、二十七条.
States: those of `kernel/registrations`; this service keeps none of its own.
What can go wrong: somebody mortgages a home that is not his (its holder is told at once and objects); an officer works on what he handled
before (refused, four eyes); somebody asks about a home without an interest (refused; every question leaves a line its holder sees).
"""

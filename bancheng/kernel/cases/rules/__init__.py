"""The rules of cases: pure. `words` names states and acts, `flow` says what a flow is and what is wrong with one, `standing`
works out from a log where a case stands, `numbers` how it is numbered."""

"""The office's rules, pure: `words` names states and acts, `kinds` says what each registration asks for, `checks` judges what was filed,
`numbers` how applications and certificates are numbered."""

"""Every change: `partners` opens accounts, keys and scopes; `calling` lets a signed request in; `answering` does a change once;
`outbox` takes events in and puts them in order; `webhooks` brings them out."""

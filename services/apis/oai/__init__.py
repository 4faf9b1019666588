"""OAI-PMH 2.0 at `/oai`, over the records in the order in which they changed (`records.search.listing`).

`arguments` checks a request, `verbs` answers it, `tokens` says where the next page begins, `router` is its HTTP.
"""

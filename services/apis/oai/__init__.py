"""OAI-PMH 2.0 at `/oai`, over the records in the order in which they changed (`records.search.listing`).

`arguments` checks a request, `verbs` answers it, `tokens` carry the place of the next page, `router` is its HTTP.
"""

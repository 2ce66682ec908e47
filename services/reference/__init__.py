"""Reference 制度数据: publishes what cases are decided with, by editions that a named person answers for.

States CalendarYearProposed, CalendarYearRejected, CalendarPublished, PolicyPublished, AdoptionsPublished,
       TaxonomyPublished, OrganisationsPublished, CataloguePublished, LeadersPublished, MailboxesPublished,
       KnowledgeProposed, KnowledgeRejected, KnowledgePublished, KnowledgeWithdrawn.
Hears  nothing. Its facts are about no case and lie in reference-events, which every service follows.
"""

"""django-helpdesk as a site to compare with. It runs in an environment of its own, never in ours."""

# mypy: ignore-errors
"""The site's addresses: its own, at the root. Django is not in our environment."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls"))]

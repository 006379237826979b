from django.urls import path

from bk_plugin.apis.views import Broken, Echo, Hosts

urlpatterns = [
    path("echo/", Echo.as_view()),
    path("hosts/<int:biz>/", Hosts.as_view()),
    path("broken/", Broken.as_view()),
]

"""A Django project with apigw-manager, as its documentation has people set one up.

`publish.py` runs all of its commands in the order of its own script; `whoami.py` hands tokens to its middleware.
"""

from pathlib import Path

MANAGE = """
import os, sys
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "project_settings"
execute_from_command_line(sys.argv)
"""

SETTINGS = """
import os

SECRET_KEY = "not a secret"
BASE_DIR = os.path.dirname(os.path.abspath(__file__))
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(BASE_DIR, "db.sqlite3")}}
USE_TZ = True
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "apigw_manager.apigw"]
MIDDLEWARE = [
    "apigw_manager.apigw.authentication.ApiGatewayJWTGenericMiddleware",
    "apigw_manager.apigw.authentication.ApiGatewayJWTAppMiddleware",
    "apigw_manager.apigw.authentication.ApiGatewayJWTUserMiddleware",
]
AUTHENTICATION_BACKENDS = ["apigw_manager.apigw.authentication.UserModelBackend"]
ROOT_URLCONF = "project_urls"
ALLOWED_HOSTS = ["*"]
BK_APP_CODE = os.environ["BK_APP_CODE"]
BK_APP_SECRET = os.environ["BK_APP_SECRET"]
BK_APIGW_NAME = os.environ["BK_APIGW_NAME"]
BK_API_URL_TMPL = os.environ["BK_API_URL_TMPL"]
"""

PUBLISH = """
import os
import django

os.environ["DJANGO_SETTINGS_MODULE"] = "project_settings"
django.setup()
from django.core.management import call_command

DEFINITION = ["-f", "definition.yaml"]
call_command("sync_apigw_config", *DEFINITION)
call_command("sync_apigw_stage", *DEFINITION)
call_command("add_related_apps", *DEFINITION)
call_command("sync_apigw_resources", "-f", "resources.yaml", "--delete")
call_command("sync_resource_docs_by_archive", *DEFINITION)
call_command("create_version_and_release_apigw", *DEFINITION)
call_command("sync_apigw_stage_mcp_servers", *DEFINITION)
call_command("grant_apigw_permissions", *DEFINITION)
call_command("apply_apigw_permissions", *DEFINITION)
call_command("fetch_apigw_public_key")
call_command("fetch_esb_public_key")
call_command("sync_apigw_strategies", *DEFINITION)
"""

WHOAMI = """
import os
import sys
import django

os.environ["DJANGO_SETTINGS_MODULE"] = "project_settings"
django.setup()
from django.test import Client

answers = [Client().get("/whoami/", headers={"X-Bkapi-Jwt": token}) for token in sys.argv[1:]]
print("\\n".join(answer.content.decode() for answer in answers))
"""

URLS = """
from apigw_manager.apigw.decorators import apigw_require
from django.http import JsonResponse
from django.urls import path


@apigw_require
def whoami(request):
    app, user = request.app, request.user
    return JsonResponse({
        "app": app.bk_app_code, "app_verified": app.verified,
        "user": user.username, "path": request.path,
    })


urlpatterns = [path("whoami/", whoami)]
"""


def write_project(folder: Path) -> None:
    files = {
        "manage.py": MANAGE,
        "publish.py": PUBLISH,
        "whoami.py": WHOAMI,
        "project_settings.py": SETTINGS,
        "project_urls.py": URLS,
    }
    for name, text in files.items():
        (folder / name).write_text(text.lstrip())

from bk_plugin_framework.kit.api import PluginAPIView
from django.conf import settings
from rest_framework.response import Response


class Echo(PluginAPIView):
    def get(self, request):
        return Response(
            {
                "method": request.method,
                "query": request.query_params.get("q"),
                "user": request.user.username,
                "header": request.META.get("HTTP_BK_PLUGIN_PLACE"),
                "app": settings.BK_APP_CODE,
            }
        )

    def post(self, request):
        return Response({"method": request.method, "data": request.data, "user": request.user.username})


class Hosts(PluginAPIView):
    def get(self, request, biz):
        return Response([{"text": f"host {biz}", "value": biz}], status=202)


class Broken(PluginAPIView):
    def get(self, request):
        raise RuntimeError("the view broke")

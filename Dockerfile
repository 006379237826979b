# The console is built with Node, the wheel with Python, the hot road with a C compiler; the last stage holds neither
# compiler nor Node.
FROM node:24-slim AS console
WORKDIR /build/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM python:3.12-slim AS wheel
WORKDIR /build
RUN pip install --no-cache-dir build
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY scripts/wheel_contents.py scripts/
COPY migrations migrations
COPY trunkline trunkline
COPY kernel kernel
COPY gateway gateway
COPY marketplace marketplace
COPY orchestrator orchestrator
COPY adapters adapters
COPY --from=console /build/web/dist web/dist
RUN python -m build --wheel --outdir /wheel

FROM python:3.12-slim AS road
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY scripts/compile_road.py scripts/
COPY kernel kernel
COPY gateway gateway
RUN python scripts/compile_road.py

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 trunkline && install -d -o trunkline /data
COPY requirements.lock /tmp/requirements.lock
COPY --from=wheel /wheel /wheel
# The lock also holds what only tests need; as constraints (which pip takes without hashes) it pins what the wheel asks for.
RUN sed -n 's/^\([a-z0-9][^ ]*==[^ ]*\).*/\1/p' /tmp/requirements.lock > /tmp/constraints.txt \
    && pip install --no-cache-dir --constraint /tmp/constraints.txt /wheel/*.whl \
    && rm -r /wheel /tmp/requirements.lock /tmp/constraints.txt
# Comes before the wheel's own; docs/decisions/0013-the-hot-road-compiled.md
COPY --from=road /build/.setup/compiled /opt/trunkline
USER trunkline
ENV PYTHONPATH=/opt/trunkline TRUNKLINE_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/livez', timeout=2)"]
ENTRYPOINT ["trunkline"]
CMD ["serve", "--host", "0.0.0.0"]

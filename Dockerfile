# The console is built with Node, the wheel with Python; the last stage holds neither compiler nor Node.
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

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 trunkline && install -d -o trunkline /data
COPY requirements.lock /tmp/requirements.lock
COPY --from=wheel /wheel /wheel
# The lock also holds what only tests need; as constraints (which pip takes without hashes) it pins what the wheel asks for.
RUN sed -n 's/^\([a-z0-9][^ ]*==[^ ]*\).*/\1/p' /tmp/requirements.lock > /tmp/constraints.txt \
    && pip install --no-cache-dir --constraint /tmp/constraints.txt /wheel/*.whl \
    && rm -r /wheel /tmp/requirements.lock /tmp/constraints.txt
USER trunkline
ENV TRUNKLINE_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/livez', timeout=2)"]
ENTRYPOINT ["trunkline"]
CMD ["serve", "--host", "0.0.0.0"]

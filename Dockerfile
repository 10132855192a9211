# Two stages: the first installs the locked packages and the wheel (which carries cards and fixtures), the second runs.
#
#   docker build -t cds-service .
#   docker run -p 8000:8000 -e CDS_DEVELOPMENT=true cds-service      # a demonstration: no authentication
#
# Without CDS_DEVELOPMENT=true it starts only with client authentication set up (see README, settings).

FROM python:3.11-slim@sha256:db3ff2e1800a8581e2c48a27c3995339d47bdf046da21c7627accd3d51053a93 AS build
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/cds-service \
 && /opt/cds-service/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && python -m pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY cds_service cds_service
COPY cards cards
COPY fhir_fixtures fhir_fixtures
RUN python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /build/wheel . \
 && /opt/cds-service/bin/pip install --no-cache-dir --no-deps --no-index /build/wheel/*.whl

FROM python:3.11-slim@sha256:db3ff2e1800a8581e2c48a27c3995339d47bdf046da21c7627accd3d51053a93
RUN useradd --system --uid 10001 --home-dir /var/lib/cds-service --create-home cds
COPY --from=build /opt/cds-service /opt/cds-service
ENV PATH=/opt/cds-service/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CDS_DEVELOPMENT=false \
    CDS_HOST=0.0.0.0 \
    CDS_PORT=8000 \
    CDS_STORE_URL=sqlite:////var/lib/cds-service/store.sqlite3
WORKDIR /var/lib/cds-service
VOLUME /var/lib/cds-service
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['CDS_PORT'] + '/health/live', timeout=2)"]
CMD ["cds-service", "serve"]

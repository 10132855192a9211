# Two stages: the first installs the locked packages and the wheel (which carries cards and fixtures), the second runs.
#
#   docker build -t cds-service .
#   docker run -p 8000:8000 -e CDS_DEVELOPMENT=true cds-service      # a demonstration: no authentication
#
# Without CDS_DEVELOPMENT=true it starts only with client authentication set up (see README, settings).

FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/cds-service \
 && /opt/cds-service/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY cds_service cds_service
COPY cards cards
COPY fhir_fixtures fhir_fixtures
RUN /opt/cds-service/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
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

# The desk as one image: built with the lock file, run without root and with a read-only root.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /opt/desk && /opt/desk/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md ./
COPY config config
COPY cases cases
COPY knowledge knowledge
COPY prompts prompts
COPY runtime runtime
COPY ingest ingest
COPY bot bot
COPY creditdesk creditdesk
RUN /opt/desk/bin/pip install --no-deps --no-build-isolation .
# One mail read: shows that the image works, and keeps the compiled patterns where a read-only root could not.
RUN printf 'Subject: Limit\n\nPlease cover EUR 50,000 on Nord GmbH, Germany.\n' > /tmp/mail.eml \
    && CREDITDESK_DATA_DIR=/tmp/data /opt/desk/bin/creditdesk --engine rules triage /tmp/mail.eml

FROM python:3.11-slim
# The OCR of the distribution's release, with its security updates: no fixed version.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data desk \
    && install -d -o desk -g desk /data
COPY --from=build /opt/desk /opt/desk
ENV PATH=/opt/desk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CREDITDESK_DATA_DIR=/data \
    CREDITDESK_HTTP__HOST=0.0.0.0 \
    CREDITDESK_HTTP__PORT=8080 \
    MPLCONFIGDIR=/tmp/matplotlib
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["creditdesk"]
CMD ["serve"]

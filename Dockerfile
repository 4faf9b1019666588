# Graticule with an embedded PostgreSQL, as an ordinary user; everything it keeps is in /data.
#
#   docker build -t graticule .
#   docker run -p 8080:8080 -v graticule:/data graticule serve
#   docker run -v graticule:/data -v /my/files:/files:ro graticule ingest /files/sst.nc
#
# With GRATICULE_DATABASE_URL the embedded server stays off. Behind a proxy, set GRATICULE_SERVER_URL.
FROM python:3.13-slim-trixie

# The fonts are for legends in Chinese. The system's own database cluster is not wanted: the packages make none while createcluster.d says so.
RUN mkdir -p /etc/postgresql-common/createcluster.d \
    && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/graticule.conf \
    && apt-get update \
    && apt-get install -y --no-install-recommends postgresql postgresql-postgis fonts-dejavu-core fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/*

# Bytecode is made here: the user who serves may not write it, and would compile every module at each start.
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/opt/graticule UV_NO_CACHE=1
RUN python -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.8

WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN /opt/uv/bin/uv sync --locked --no-dev --all-extras --no-install-project
COPY config config
COPY cog cog
COPY records records
COPY services services
RUN /opt/uv/bin/uv sync --locked --no-dev --all-extras --no-editable

RUN useradd --create-home --uid 10001 graticule && mkdir /data && chown graticule:graticule /data
USER graticule
WORKDIR /data
VOLUME /data
ENV PATH=/opt/graticule/bin:$PATH GRATICULE_DATA_DIR=/data GRATICULE_SERVER_HOST=0.0.0.0
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ.get(\"GRATICULE_SERVER_PORT\", 8080)}/readyz', timeout=4)"]
ENTRYPOINT ["graticule"]
CMD ["serve"]

# syntax=docker/dockerfile:1
# Panelist in a container: `docker build -t panelist .`. Alone it runs everything with SQLite in the volume /data;
# compose.yaml runs its parts apart.

ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python3 -m venv /tools && /tools/bin/pip install --quiet --disable-pip-version-check uv==0.13.9 \
 && python3 -m venv --without-pip .venv
# The packages before the code: a change of the code leaves their layer as it is.
COPY pyproject.toml uv.lock ./
ARG EXTRAS=""
RUN for extra in ${EXTRAS}; do set -- "$@" --extra "$extra"; done \
 && UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON=.venv/bin/python UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy \
    /tools/bin/uv sync --frozen --quiet --no-dev --no-cache --compile-bytecode "$@"
COPY . .
# The folder of assets belongs to the image; these keys encrypt nothing.
RUN DATA_DIR=/tmp/data ASSETS_DIR=/app/assets SECRET_KEY=used-for-this-step-only \
    FERNET_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= .venv/bin/python -m config.assets \
 && .venv/bin/python -m compileall -q config integrations jobs organizations scheduling

FROM ${BASE}
# Debian packages besides: PostgreSQL's client programs, where it is to be backed up from here.
ARG PACKAGES=""
RUN if [ -n "${PACKAGES}" ]; then apt-get update && apt-get install --yes --no-install-recommends ${PACKAGES} \
 && rm -rf /var/lib/apt/lists/*; fi
RUN groupadd --gid 10001 panelist \
 && useradd --uid 10001 --gid panelist --home-dir /data --no-create-home --shell /usr/sbin/nologin panelist \
 && install -d -m 700 -o panelist -g panelist /data
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    ASSETS_DIR=/app/assets DATA_DIR=/data HOST=0.0.0.0 PORT=8000 PANELIST_IGNORE_DOTENV=1
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "config.container.healthy"]
CMD ["python", "-m", "config.supervisor", "run"]

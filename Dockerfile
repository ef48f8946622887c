# Any builder will do, with a daemon or without one: nothing here needs more than FROM, COPY and RUN.
# Pin the base for a release:
#   docker build --build-arg BASE=python:3.11-slim-bookworm@sha256:<digest> .
# No digest stands here because a digest is a fact of the registry on the day of the build: whoever
# builds resolves it (docker buildx imagetools inspect python:3.11-slim-bookworm), records it with
# the image, and gets security updates by resolving it again.
# RUNTIME may be any image with Python of the same minor version and CA certificates; no shell,
# pip or compiler is used there.
ARG BASE=python:3.11-slim-bookworm
ARG RUNTIME=${BASE}

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.lock ./
RUN python3 -m pip install --require-hashes --only-binary :all: --no-compile \
        --target /opt/houston -r requirements.lock \
    && rm -rf /opt/houston/bin
# The one build tool comes from the development lock, with its hash, and stays in this stage.
COPY requirements-dev.lock ./
RUN awk '/^setuptools==/ {found = 1} found {print} found && !/\\$/ {exit}' requirements-dev.lock \
        > build.lock \
    && python3 -m pip install --require-hashes --only-binary :all: -r build.lock
COPY pyproject.toml LICENSE README.md ./
COPY adapters adapters
COPY bot bot
COPY commands commands
COPY houston houston
RUN python3 -m pip install --no-deps --no-build-isolation --no-compile --target /opt/houston . \
    && rm -rf /opt/houston/bin
# Compiled here because nothing can be written at run time; hash-based, so that file times, which
# differ from build to build, do not matter.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/houston \
    && mkdir -p /data && chown 10001:10001 /data

FROM ${RUNTIME}
ARG RUNTIME
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Houston" \
      org.opencontainers.image.description="A chat bot that lives inside Rocket.Chat and flies the stack it lives in" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${RUNTIME}"
COPY --from=build --chown=0:0 /opt/houston /opt/houston
COPY --from=build --chown=10001:10001 /data /data
# SQLite's temporary files go to the only place that can be written.
ENV PYTHONPATH=/opt/houston \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    TMPDIR=/data
WORKDIR /data
VOLUME /data
USER 10001:10001
ENTRYPOINT ["python3", "-P", "-m", "bot"]
CMD ["run", "--config", "/etc/houston/houston.yaml", "--secrets", "/run/secrets/houston"]
# That the program and what it is made of can be loaded; whether it works, its own reports say.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python3", "-P", "-m", "bot", "--version"]

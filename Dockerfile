# The program `attribution` with what requirements.lock pins, by hash; runs as a user without rights.
#
#   docker build --tag attribution-ledger:0.1.0 .
#   docker run --rm attribution-ledger:0.1.0 --help
#
# A ledger lies in /var/lib/attribution: mount a volume there. keys.db in it must be kept secret.

FROM python:3.11.14-slim-bookworm AS built

WORKDIR /source
RUN python -m venv /opt/attribution
COPY requirements.lock ./
RUN /opt/attribution/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY schemas schemas
COPY ledger ledger
COPY projections projections
COPY consumers consumers
COPY interfaces interfaces
RUN /opt/attribution/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11.14-slim-bookworm

RUN useradd --system --create-home --home-dir /var/lib/attribution --shell /usr/sbin/nologin attribution
COPY --from=built /opt/attribution /opt/attribution
ENV PATH=/opt/attribution/bin:$PATH PYTHONUNBUFFERED=1
USER attribution
WORKDIR /var/lib/attribution
VOLUME /var/lib/attribution
STOPSIGNAL SIGTERM
ENTRYPOINT ["attribution"]
CMD ["--help"]

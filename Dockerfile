FROM docker.io/airbyte/python-connector-base:4.0.2@sha256:9fdb1888c4264cf6fee473649ecb593f56f58e5d0096a87ee0b231777e2e3e73 AS base

FROM base AS builder
USER root
WORKDIR /build
# First what setup.py requires, which change seldom, so that a change of the code does not install them again.
COPY constraints.txt ./
RUN python -m venv /opt/connector \
    && /opt/connector/bin/pip install --no-cache-dir --disable-pip-version-check \
        --constraint constraints.txt airbyte-cdk boto3 jsonschema orjson requests
COPY setup.py pyproject.toml LICENSE ./
COPY destination_activecampaign destination_activecampaign
RUN /opt/connector/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt ".[s3]"

FROM base
WORKDIR /airbyte/integration_code
COPY --from=builder /opt/connector /opt/connector
# The platform starts what AIRBYTE_ENTRYPOINT says, everyone else the ENTRYPOINT.
ENV PYTHONUNBUFFERED=1 \
    AIRBYTE_ENTRYPOINT="/opt/connector/bin/destination-activecampaign"
USER airbyte
ENTRYPOINT ["/opt/connector/bin/destination-activecampaign"]

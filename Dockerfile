FROM docker.io/airbyte/python-connector-base:4.0.2@sha256:9fdb1888c4264cf6fee473649ecb593f56f58e5d0096a87ee0b231777e2e3e73 AS base

FROM base AS builder
WORKDIR /build
# First what setup.py requires, which change seldom, so that a change of the code does not install them again.
COPY constraints.txt ./
RUN python -m venv /opt/connector \
    && /opt/connector/bin/pip install --no-cache-dir --disable-pip-version-check \
        --constraint constraints.txt airbyte-cdk boto3 jsonschema orjson requests
COPY setup.py pyproject.toml LICENSE ./
COPY destination_activecampaign destination_activecampaign
# What nothing uses once all is installed stays behind: pip, and the tests that packages bring (a fifth of the whole).
RUN /opt/connector/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt ".[s3]" \
    && /opt/connector/bin/pip uninstall --yes --quiet --root-user-action ignore pip \
    && find /opt/connector -depth -type d -name tests -exec rm -r {} +

FROM base
WORKDIR /airbyte/integration_code
COPY --from=builder /opt/connector /opt/connector
# The platform starts what AIRBYTE_ENTRYPOINT says, everyone else the ENTRYPOINT.
ENV PYTHONUNBUFFERED=1 \
    AIRBYTE_ENTRYPOINT="/opt/connector/bin/destination-activecampaign"
# By its name, as in Airbyte's own images: the platform asks for its number (1000) by itself.
# hadolint ignore=DL3066
USER airbyte
ENTRYPOINT ["/opt/connector/bin/destination-activecampaign"]

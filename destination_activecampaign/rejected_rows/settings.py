"""What the stores are told: the shape of the settings that `open_store` takes, whoever made them."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias


class NoStorage(Protocol):
    """Rejected rows are counted and logged, not kept."""

    @property
    def storage_type(self) -> Literal["None"]:
        """Which kind of storage this is."""
        ...


class LocalStorage(Protocol):
    """A folder on the connector's own disk."""

    @property
    def storage_type(self) -> Literal["Local"]:
        """Which kind of storage this is."""
        ...

    @property
    def path(self) -> str:
        """The folder, absolute."""
        ...


class S3Storage(Protocol):
    """A bucket of S3, or of a server that speaks its protocol."""

    @property
    def storage_type(self) -> Literal["S3"]:
        """Which kind of storage this is."""
        ...

    @property
    def s3_bucket_name(self) -> str:
        """The bucket."""
        ...

    @property
    def s3_bucket_region(self) -> str:
        """The bucket's region; empty where the server has none."""
        ...

    @property
    def bucket_path(self) -> str:
        """What every key begins with."""
        ...

    @property
    def format_type(self) -> Literal["JSONL", "CSV"]:
        """How rows are written."""
        ...

    @property
    def access_key_id(self) -> str | None:
        """None: the machine's own credentials."""
        ...

    @property
    def secret_access_key(self) -> str | None:
        """The secret of `access_key_id`."""
        ...

    @property
    def role_arn(self) -> str | None:
        """A role to take on with these credentials."""
        ...

    @property
    def s3_endpoint(self) -> str | None:
        """None: AWS."""
        ...


Storage: TypeAlias = NoStorage | LocalStorage | S3Storage

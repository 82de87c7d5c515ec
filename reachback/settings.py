"""Every setting of the service, from ``REACHBACK_…`` in the environment or from options of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]

RoleName = Literal["officer", "chemist", "librarian", "supervisor", "auditor", "admin", "device"]


class Settings(BaseSettings):
    """Settings with safe defaults; unknown names are ignored, wrong values refused with the name."""

    model_config = SettingsConfigDict(env_prefix="REACHBACK_", frozen=True, extra="ignore")

    data_dir: Path = Field(default=Path("reachback-data"), description="keys, stored bytes, the embedded database")
    database_url: str | None = Field(
        default=None, repr=False, description="PostgreSQL by URL; SQLite in the data folder if unset"
    )
    library: str | None = Field(default=None, description="folder, compiled library or release name; starter if unset")
    lease_seconds: int = Field(default=900, ge=1, description="how long a claim holds without a sign of life")
    second_read_share: float = Field(default=0.05, ge=0, le=1, description="of findings read twice at random")
    max_upload_bytes: int = Field(default=32 * 2**20, ge=1024, description="a larger body is refused before it is read")
    session_idle_seconds: int = Field(default=1800, ge=60, description="inactivity that ends a browser session")
    session_seconds: int = Field(default=12 * 3600, ge=60, description="age that ends a browser session")
    workers: int = Field(default=0, ge=0, description="identification processes; 0 is one a core")
    queue_length: int = Field(default=64, ge=1, description="identifications waiting before 503")
    channels: str = Field(
        default="", repr=False, description="Apprise addresses of people to notify, separated by blanks"
    )
    webhook_url: str | None = Field(default=None, description="system to call, signed after Standard Webhooks")
    webhook_secret: str | None = Field(default=None, repr=False, description="what those calls are signed with")
    demo: bool = Field(default=False, description="for showing only: unsafe settings are accepted")
    allow_plain_http: bool = Field(default=False, description="listen for other machines without TLS in front")
    public_url: str = Field(default="http://127.0.0.1:8000", description="what links in messages begin with")
    oidc_issuer: str | None = Field(
        default=None, description="identity provider that people sign in by (OpenID Connect)"
    )
    oidc_client_id: str | None = Field(default=None, description="as which the provider knows this service")
    oidc_client_secret: str | None = Field(default=None, repr=False, description="with what it shows that it is that")
    oidc_scopes: str = Field(default="openid profile", description="what is asked of the provider")
    oidc_role_claim: str = Field(
        default="groups", description="claim that roles are read from; points lead into objects"
    )
    oidc_roles: dict[str, RoleName] = Field(
        default_factory=dict, description="value of that claim → role, as JSON; who has none of them is not let in"
    )
    oidc_unit_claim: str | None = Field(default=None, description="claim that names the unit; without it, one's own")
    oidc_name_claim: str = Field(default="preferred_username", description="claim that a new account is named by")

"""Settings, from the environment (HANDRAIL_...) with safe defaults for one laptop."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting is described in docs/settings.md; a test compares the two."""

    model_config = SettingsConfigDict(env_prefix="HANDRAIL_", extra="ignore", env_ignore_empty=True)

    data: Path = Path("data")
    models: Path = Path("models")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    idle_minutes: float = Field(default=30, gt=0, le=30)
    turn_seconds: float = Field(default=8, gt=0.1, le=60)
    database_url: str = "sqlite:///var/handrail.db"
    sites: Path | None = None
    usage_epsilon: Decimal = Field(default=Decimal("0.5"), ge=Decimal("0.05"), le=Decimal("0.5"), decimal_places=3)
    usage_smallest_shown: int = Field(default=10, ge=10, le=100, multiple_of=5)
    usage_site_staff: int = Field(default=100, ge=100, le=10_000)
    usage_retention_months: int = Field(default=36, ge=1, le=60)
    usage_flush_seconds: float = Field(default=60, ge=5, le=600)
    telegram_token: SecretStr | None = None
    telegram_api: str = "https://api.telegram.org"
    telegram_webhook: str | None = None
    telegram_intranet: str | None = None
    redis_url: SecretStr | None = None

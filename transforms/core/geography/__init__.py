"""Countries and their people by name, without a service: ISO 3166-1 codes."""

from __future__ import annotations

from transforms.core.geography.countries import Country, country_of, country_uri

__all__ = ["Country", "country_of", "country_uri"]
"""What the rest of newsbeam uses."""

"""From checked options to what the steps are told."""

from __future__ import annotations

import argparse
import logging
import os
from ipaddress import ip_network
from uuid import uuid4

from pipelines.errors import UsageError
from transforms.core.annotation import installed_models
from transforms.core.annotation.models import installed_packages
from transforms.core.proxies import Proxies, proxies_of
from transforms.cpu_pool import PoolConfig
from transforms.fetch import Politeness
from transforms.fetcher import FetcherConfig, FetchLimits

logger = logging.getLogger("newsbeam")


def models_of(parsed: argparse.Namespace) -> dict[str, str]:
    """The model of each language: as ``--model`` says, else what is installed."""
    installed = installed_models()
    for language, name in parsed.model:
        if name not in installed_packages():
            have = ", ".join(sorted(installed_packages())) or "none"
            raise UsageError(f"--model {language}={name}: not installed (pip install it; installed are: {have})")
    return {**installed, **dict(parsed.model)}


def pool_of(parsed: argparse.Namespace, models: dict[str, str]) -> PoolConfig:
    """The pool for the CPU work."""
    return PoolConfig(
        models=tuple(sorted(models.items())),
        processes=parsed.processes or 0,
        task_seconds=parsed.page_timeout,
        memory_bytes=parsed.page_memory_mb * 1024 * 1024,
        watchlist=parsed.watchlist,
        site_rules=parsed.site_rules,
    )


def fetcher_of(parsed: argparse.Namespace) -> FetcherConfig:
    """What the guarded fetcher is told.  Raises `UsageError` for a contact that no header can carry, or no proxy."""
    max_bytes = parsed.max_page_mb * 1024 * 1024
    limits = FetchLimits(
        connect_seconds=min(10.0, parsed.fetch_timeout),
        read_seconds=min(20.0, parsed.fetch_timeout),
        total_seconds=parsed.fetch_timeout,
        max_bytes=max_bytes,
        max_raw_bytes=max_bytes,
    )
    networks = tuple(ip_network(text) for text in parsed.allow_networks)
    if networks:
        logger.info("private networks that may be fetched from: %s", ", ".join(parsed.allow_networks))
    try:
        return FetcherConfig(limits, networks, parsed.contact, proxies=_proxies(parsed.proxy))
    except ValueError as error:
        raise UsageError(f"--contact: {error}") from error


def _proxies(setting: str | None) -> Proxies | None:
    if setting is None:
        return None
    try:
        found = proxies_of(setting, os.environ)
    except ValueError as error:
        raise UsageError(f"--proxy: {error}") from error
    for scheme, proxy in (("http", found.http), ("https", found.https)):
        logger.info("%s through %s", scheme, f"the proxy {proxy.host}:{proxy.port}" if proxy else "no proxy")
    return found


def politeness_of(parsed: argparse.Namespace) -> Politeness:
    """How much is asked of others, by all steps of one run together."""
    return Politeness(
        gap_seconds=parsed.host_gap,
        threads=parsed.fetch_threads,
        obeys_robots=parsed.robots == "obey",
        feeds_obey_robots=parsed.feed_robots == "obey",
        max_pages_per_host=parsed.max_pages_per_host,
        key=uuid4().hex,
    )

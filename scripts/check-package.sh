#!/usr/bin/env bash
# Checks the package as it is published: that its files and entries belong together (publint), and that its types say
# what is loaded (attw). Takes a tarball; without one it packs the checkout, which builds it.
set -euo pipefail
cd "$(dirname "$0")/.."
tarball=${1-}
if [[ -z $tarball ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  npm pack --silent --pack-destination "$folder" >/dev/null
  tarball=$(echo "$folder"/*.tgz)
fi
node_modules/.bin/publint run "$tarball" --strict
# The package is ESM, which CommonJS imports dynamically; resolution as Node 10 had it knows no entries.
node_modules/.bin/attw "$tarball" --profile esm-only --format ascii --no-emoji

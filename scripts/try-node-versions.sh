#!/usr/bin/env bash
# Packs the package, and for each version of Node installs it in an empty folder, runs its demo with the Temporal server
# that is at hand, and takes the time; then a slice of the tests. Node's binaries are those of the npm package `node`.
#   scripts/try-node-versions.sh 20 22 24
set -euo pipefail
cd "$(dirname "$0")/.."
versions=("$@")
if [[ ${#versions[@]} -eq 0 ]]; then versions=(20 22 24); fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack --silent --pack-destination "$folder" >/dev/null
tarball=$(echo "$folder"/*.tgz)
for version in "${versions[@]}"; do
  home=$folder/node-$version
  mkdir -p "$home/node" "$home/installed"
  npm install --silent --no-audit --no-fund --prefix "$home/node" "node@$version" >/dev/null
  export PATH="$home/node/node_modules/node/bin:$PATH"
  cd "$home/installed"
  npm init --yes >/dev/null
  npm install --no-audit --no-fund --prefer-offline "$tarball" >install.log 2>&1 || { cat install.log; exit 1; }
  started=$(date +%s%N)
  npx provider-jobs demo >demo.log 2>&1 || { cat demo.log; exit 1; }
  ended=$(date +%s%N)
  printf 'Node %s: installed, the demo succeeded after %d.%d s\n' "$(node --version)" \
    $(((ended - started) / 1000000000)) $(((ended - started) / 100000000 % 10))
  cd - >/dev/null
  if [[ -n ${TEST_SLICE-test/polling test/config} ]]; then
    # shellcheck disable=SC2086
    npx vitest run ${TEST_SLICE-test/polling test/config} >"$home/tests.log" 2>&1 ||
      { tail -n 40 "$home/tests.log"; exit 1; }
    grep -E '^ *.*Tests ' "$home/tests.log" | sed 's/\x1b\[[0-9;]*m//g'
  fi
done

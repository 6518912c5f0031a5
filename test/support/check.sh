#!/usr/bin/env bash
# npm run check: format, lint and types beside the fast tests, since one waits for it. Properties run a part of their cases here,
# all of them in npm test.
set -uo pipefail

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

(
  prettier --check --cache --cache-strategy content --config-precedence prefer-file --log-level warn . &&
    oxlint --type-aware --deny-warnings &&
    tsc -p src/http/page --noEmit &&
    tsc -p test --incremental --tsBuildInfoFile node_modules/.cache/check.tsbuildinfo
) >"$reports/static" 2>&1 &
static=$!

TEST_RUNS_DIVISOR=50 jest --selectProjects fast --maxWorkers=100% --workerThreads
tests=$?

wait "$static"
verdict=$?
cat "$reports/static"
[ "$tests" -eq 0 ] && [ "$verdict" -eq 0 ]

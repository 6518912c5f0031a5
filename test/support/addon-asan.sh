#!/usr/bin/env bash
# The addon's own tests under AddressSanitizer and UndefinedBehaviorSanitizer, in a copy, so that the addon in build/ stays what
# it is. Node itself is not instrumented: what it leaks at its end is not ours, and is not looked for.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$root/src" "$root/test" "$root/package.json" "$root/jest.config.cjs" "$root/tsconfig.json" "$copy"
rm -rf "$copy/src/net/native/build"
ln -s "$root/node_modules" "$copy/node_modules"

flags='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g'
built=$(CXXFLAGS="$flags" LDFLAGS="$flags" node "$copy/src/net/native/build.cjs")
echo "$built"
nm -D "$copy/build/midcall_udp.node" | grep __asan_init >"$copy/instrumented"

cd "$copy"
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \
  ASAN_OPTIONS=detect_leaks=0:halt_on_error=1:abort_on_error=1 \
  UBSAN_OPTIONS=print_stacktrace=1 \
  node "$root/node_modules/jest/bin/jest.js" --rootDir "$copy" --selectProjects wire fast --runInBand \
  --testPathPatterns 'contract/udp-(native|epoll|uring)|unit/net/native-'

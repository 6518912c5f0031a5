// writeFiles: pieces of many files written by one job in libuv's pool.
#pragma once

#include <napi.h>

namespace midcall {

// writeFiles(fds, pieces, positions): piece i goes to descriptor i at position i. Resolves to an Int32Array: how many bytes of each
// were written, or a negative errno. The pieces must not change meanwhile.
Napi::Value WriteFiles(const Napi::CallbackInfo& info);

}  // namespace midcall

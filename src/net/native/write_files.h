// writeFiles: pieces of many files written by one job in libuv's pool.
#pragma once

#include <napi.h>

namespace midcall {

// writeFiles(numbers, buffers): the first bytes of buffer i go to a file. Four numbers each say how: descriptor, length, position, and
// whether they are made durable (1) or only written (0). Resolves to an Int32Array: 0 for each, or a negative errno. The bytes must not
// change meanwhile.
Napi::Value WriteFiles(const Napi::CallbackInfo& info);

}  // namespace midcall

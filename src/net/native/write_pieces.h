// writePieces: pieces of many files written by one job in libuv's pool.
#pragma once

#include <napi.h>

namespace midcall {

// writePieces(numbers, buffers): a part of buffer i goes to a file. Five numbers each say how: descriptor, offset and length of the part,
// position in the file, and whether it is made durable (1) or only written (0). Resolves to an Int32Array: 0 for each, or a negative
// errno. The bytes must not change meanwhile.
Napi::Value WritePieces(const Napi::CallbackInfo& info);

}  // namespace midcall

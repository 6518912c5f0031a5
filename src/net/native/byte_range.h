// What the two functions that move bytes between typed arrays are called with: (from, start, end, into, at).
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace midcall {

struct ByteRange {
  const uint8_t* from = nullptr;
  size_t length = 0;
  uint8_t* into = nullptr;
  // Bytes from `into` to the end of its array.
  size_t room = 0;
};

// Reads the arguments. Returns false when the range lies outside of `from`, or `at` outside of `into`.
bool ReadByteRange(napi_env env, napi_callback_info info, ByteRange* range);

}  // namespace midcall

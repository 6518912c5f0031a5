#include "copy_bytes.h"

#include <string.h>

#include <cstdint>

namespace midcall {
namespace {

struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

Bytes Array(napi_env env, napi_value value) {
  Bytes bytes;
  void* data = nullptr;
  napi_get_typedarray_info(env, value, nullptr, &bytes.length, &data, nullptr, nullptr);
  bytes.data = static_cast<uint8_t*>(data);
  return bytes;
}

uint64_t Number(napi_env env, napi_value value) {
  uint32_t number = UINT32_MAX;
  napi_get_value_uint32(env, value, &number);
  return number;
}

}  // namespace

napi_value CopyBytes(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t count = 5;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const Bytes from = Array(env, arguments[0]);
  const Bytes into = Array(env, arguments[3]);
  const uint64_t start = Number(env, arguments[1]);
  const uint64_t end = Number(env, arguments[2]);
  const uint64_t at = Number(env, arguments[4]);
  const bool inside = start <= end && end <= from.length && at + (end - start) <= into.length;
  // The two may be parts of one slab.
  if (inside) memmove(into.data + at, from.data + start, end - start);
  return nullptr;
}

}  // namespace midcall

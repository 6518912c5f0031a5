#include "byte_range.h"

namespace midcall {
namespace {

uint8_t* Bytes(napi_env env, napi_value value, size_t* length) {
  void* data = nullptr;
  napi_get_typedarray_info(env, value, nullptr, length, &data, nullptr, nullptr);
  return static_cast<uint8_t*>(data);
}

uint64_t Number(napi_env env, napi_value value) {
  uint32_t number = UINT32_MAX;
  napi_get_value_uint32(env, value, &number);
  return number;
}

}  // namespace

bool ReadByteRange(napi_env env, napi_callback_info info, ByteRange* range) {
  napi_value arguments[5];
  size_t count = 5;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  size_t from_length = 0;
  size_t into_length = 0;
  const uint8_t* from = Bytes(env, arguments[0], &from_length);
  uint8_t* into = Bytes(env, arguments[3], &into_length);
  const uint64_t start = Number(env, arguments[1]);
  const uint64_t end = Number(env, arguments[2]);
  const uint64_t at = Number(env, arguments[4]);
  if (start > end || end > from_length || at > into_length) return false;
  *range = {from + start, end - start, into + at, into_length - at};
  return true;
}

}  // namespace midcall

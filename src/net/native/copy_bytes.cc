#include "copy_bytes.h"

#include <string.h>

#include "byte_range.h"

namespace midcall {

napi_value CopyBytes(napi_env env, napi_callback_info info) {
  ByteRange range;
  if (!ReadByteRange(env, info, &range) || range.length > range.room) return nullptr;
  // The two may be parts of one slab.
  memmove(range.into, range.from, range.length);
  return nullptr;
}

}  // namespace midcall

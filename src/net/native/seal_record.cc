#include "seal_record.h"

#include <string.h>

#include "byte_range.h"
#include "crc32c.h"

namespace midcall {
namespace {

constexpr size_t kCrcAt = 4;
constexpr size_t kArrivalAt = 8;
constexpr size_t kHeadBytes = 17;

// Little-endian, whatever the machine is.
void WriteWord(uint32_t word, uint8_t* into) {
  for (int byte = 0; byte < 4; byte++) into[byte] = static_cast<uint8_t>(word >> (8 * byte));
}

}  // namespace

napi_value SealRecord(napi_env env, napi_callback_info info) {
  ByteRange range;
  if (!ReadByteRange(env, info, &range) || kHeadBytes + range.length > range.room) return nullptr;
  memmove(range.into + kHeadBytes, range.from, range.length);
  WriteWord(static_cast<uint32_t>(range.length), range.into);
  WriteWord(Crc32c(range.into + kArrivalAt, kHeadBytes - kArrivalAt + range.length), range.into + kCrcAt);
  return nullptr;
}

}  // namespace midcall

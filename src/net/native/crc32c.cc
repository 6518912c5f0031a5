#include "crc32c.h"

#include <string.h>

#include <array>

namespace midcall {
namespace {

constexpr uint32_t kPolynomialReflected = 0x82f63b78;

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); byte++) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ ((value & 1) == 0 ? 0 : kPolynomialReflected);
    table[byte] = value;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = MakeTable();

uint32_t ByTable(uint32_t crc, const uint8_t* bytes, size_t length) {
  for (size_t at = 0; at < length; at++) crc = (crc >> 8) ^ kTable[(crc ^ bytes[at]) & 0xff];
  return crc;
}

#if defined(__x86_64__)
#define MIDCALL_HAS_CRC_INSTRUCTION 1

__attribute__((target("sse4.2"))) uint32_t ByInstruction(uint32_t crc, const uint8_t* bytes, size_t length) {
  uint64_t sum = crc;
  for (; length >= sizeof(uint64_t); bytes += sizeof(uint64_t), length -= sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    sum = __builtin_ia32_crc32di(sum, word);
  }
  return ByTable(static_cast<uint32_t>(sum), bytes, length);
}

const bool kHasInstruction = __builtin_cpu_supports("sse4.2") != 0;
#endif

}  // namespace

uint32_t Crc32c(const uint8_t* bytes, size_t length) {
#ifdef MIDCALL_HAS_CRC_INSTRUCTION
  if (kHasInstruction) return ~ByInstruction(~0u, bytes, length);
#endif
  return ~ByTable(~0u, bytes, length);
}

}  // namespace midcall

// CRC-32C (Castagnoli), as in src/spool/crc32c.ts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace midcall {

uint32_t Crc32c(const uint8_t* bytes, size_t length);

}  // namespace midcall

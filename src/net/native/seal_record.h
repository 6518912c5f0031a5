// sealRecord: a packet put into a spool's record, with its checksum.
#pragma once

#include <node_api.h>

namespace midcall {

// sealRecord(packet, start, end, into, at): see src/spool/record.ts. Arrival and kind of the record at `at` are in place; payload,
// length and CRC-32C are written. Called for each packet, so by the plain interface. Ranges outside of the arrays change nothing.
napi_value SealRecord(napi_env env, napi_callback_info info);

}  // namespace midcall

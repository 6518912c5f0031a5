// What the addon and JavaScript share: typed arrays made by JavaScript, of which C++ keeps the addresses. Numbers and meaning are
// those of src/media/datagrams.ts (received) and src/net/send-queue.ts (to be sent).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

namespace midcall {

// Descriptors of the datagrams of one turn, in parallel arrays of `capacity` entries. Datagram i lies at `slab + offset[i]`.
struct Received {
  uint8_t* slab;
  uint32_t capacity;
  // Each datagram has this much of the slab; an odd multiple of a cache line, so that neighbours do not share a cache set.
  uint32_t stride;
  uint32_t* socket;
  uint32_t* offset;
  uint32_t* length;
  // Four words in host order: IPv6, or IPv4 mapped into it.
  uint32_t* source_address;
  uint16_t* source_port;
  // Milliseconds on the clock that `Clock.now` reads.
  double* arrivals;
  // The kernel's count of datagrams that found this socket's receive buffer full, since it was opened.
  uint32_t* drops;
  // IP type of service or IPv6 traffic class: DSCP above, ECN in the last two bits (RFC 3168).
  uint8_t* tos;
};

// Datagrams that wait to be sent. The bytes are in one of two slabs.
struct Outgoing {
  uint32_t capacity;
  uint32_t* socket;
  uint32_t* offset;
  uint32_t* length;
  // As in Received; not read for a connected socket.
  uint32_t* address;
  uint16_t* port;
  // Which slab: 0 is the queue's own, 1 the one datagrams are received in.
  uint8_t* source;
  const uint8_t* slabs[2];
  size_t slab_lengths[2];
};

// Places in the shared array of counters.
enum Counter : uint32_t { kNoBuffers, kTooLong, kRefused, kFailed, kTruncated, kCounters };

// Places in the shared array that describes the last turn. kLoopReady: libuv has something to do.
enum TurnFact : uint32_t { kNow, kErrors, kLoopReady, kTurnFacts };

// Room for the largest address, and for what the kernel says about a datagram: arrival time, drops, TOS.
constexpr size_t kNameBytes = sizeof(sockaddr_in6);
constexpr size_t kControlBytes = 128;

}  // namespace midcall

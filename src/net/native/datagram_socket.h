// One bound UDP socket.
#pragma once

#include <cstdint>

namespace midcall {

struct DatagramSocket {
  int fd = -1;
  // AF_INET or AF_INET6.
  int family = 0;
  // The number JavaScript knows it by.
  uint32_t number = 0;
  // The kernel knows the peer: nothing else is heard, and sends need no address and no look-up of a route.
  bool connected = false;
  // How many datagrams to ask for at once: as many as came last time, twice that when there may have been more.
  uint32_t eagerness = 1;
  // First and last of its datagrams in the send queue; -1 when it has none.
  int32_t first_queued = -1;
  int32_t last_queued = -1;
};

struct BindTo {
  // Numeric.
  const char* address;
  uint16_t port;
  // Asked of the kernel in each direction; where less is allowed, that is what we get.
  int buffer_bytes;
  // Type of service of what is sent.
  int tos;
};

// Opens and binds. Returns 0, or a negative errno and leaves `socket` closed.
int OpenSocket(const BindTo& to, DatagramSocket* socket);

// Connects to four words of address and a port, as in Received; a null address disconnects. Returns 0 or a negative errno.
int ConnectSocket(DatagramSocket* socket, const uint32_t* address, uint16_t port);

}  // namespace midcall

// Socket addresses to and from the four words and a port that JavaScript compares (src/media/endpoint.ts).
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <cstdint>

namespace midcall {

// The third word of an IPv4 address mapped into IPv6, ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
constexpr uint32_t kMapped = 0xffff;

// Writes the address for a socket of this family. Returns its length, 0 when the family can't reach it.
inline socklen_t WriteAddress(const uint32_t* words, uint16_t port, int family, void* into) {
  if (family == AF_INET) {
    if (words[0] != 0 || words[1] != 0 || words[2] != kMapped) return 0;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(words[3]);
    memcpy(into, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const uint32_t network[4] = {htonl(words[0]), htonl(words[1]), htonl(words[2]), htonl(words[3])};
  memcpy(&v6.sin6_addr, network, sizeof network);
  memcpy(into, &v6, sizeof v6);
  return sizeof v6;
}

// Reads where a datagram came from. Returns the port.
inline uint16_t ReadAddress(const void* name, uint32_t* words) {
  sa_family_t family;
  memcpy(&family, name, sizeof family);
  if (family == AF_INET) {
    sockaddr_in v4;
    memcpy(&v4, name, sizeof v4);
    words[0] = words[1] = 0;
    words[2] = kMapped;
    words[3] = ntohl(v4.sin_addr.s_addr);
    return ntohs(v4.sin_port);
  }
  sockaddr_in6 v6;
  memcpy(&v6, name, sizeof v6);
  uint32_t network[4];
  memcpy(network, &v6.sin6_addr, sizeof network);
  for (int word = 0; word < 4; word++) words[word] = ntohl(network[word]);
  return ntohs(v6.sin6_port);
}

}  // namespace midcall

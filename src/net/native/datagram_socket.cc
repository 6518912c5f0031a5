#include "datagram_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addresses.h"

namespace midcall {
namespace {

// Reads "192.0.2.1", "2001:db8::1" or "fe80::1%eth0". Returns the length of the address, 0 when it is none.
socklen_t ParseAddress(const char* text, uint16_t port, sockaddr_storage* into) {
  memset(into, 0, sizeof *into);
  auto* v4 = reinterpret_cast<sockaddr_in*>(into);
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return sizeof *v4;
  }
  char bare[INET6_ADDRSTRLEN] = {};
  const size_t length = strcspn(text, "%");
  if (length >= sizeof bare) return 0;
  memcpy(bare, text, length);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(into);
  if (inet_pton(AF_INET6, bare, &v6->sin6_addr) != 1) return 0;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  if (text[length] == '%') v6->sin6_scope_id = if_nametoindex(text + length + 1);
  return sizeof *v6;
}

// What is nice to have: without one of these the socket still works, and the fact it tells stays zero.
void SetOptions(int fd, int family, const BindTo& to) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &to.buffer_bytes, sizeof to.buffer_bytes);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &to.buffer_bytes, sizeof to.buffer_bytes);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_TOS, &to.tos, sizeof to.tos);
  if (family != AF_INET6) return;
  setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof on);
  setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &to.tos, sizeof to.tos);
}

}  // namespace

int OpenSocket(const BindTo& to, DatagramSocket* socket) {
  sockaddr_storage address;
  const socklen_t length = ParseAddress(to.address, to.port, &address);
  if (length == 0) return -EINVAL;
  const int fd = ::socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  SetOptions(fd, address.ss_family, to);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0) {
    const int error = errno;
    ::close(fd);
    return -error;
  }
  socket->fd = fd;
  socket->family = address.ss_family;
  return 0;
}

int ConnectSocket(DatagramSocket* socket, const uint32_t* address, uint16_t port) {
  sockaddr_storage peer;
  socklen_t length = sizeof(sa_family_t);
  peer.ss_family = AF_UNSPEC;
  if (address != nullptr) {
    length = WriteAddress(address, port, socket->family, &peer);
    if (length == 0) return -EAFNOSUPPORT;
  }
  if (::connect(socket->fd, reinterpret_cast<sockaddr*>(&peer), length) != 0) return -errno;
  socket->connected = address != nullptr;
  return 0;
}

}  // namespace midcall

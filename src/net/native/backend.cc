#include "backend.h"

#include <errno.h>
#include <string.h>

#include "addresses.h"

namespace midcall {

void Backend::Describe(uint32_t index, const DatagramSocket& socket, const msghdr& message) {
  const Received& into = shared_->received;
  into.socket[index] = socket.number;
  into.source_port[index] = ReadAddress(message.msg_name, into.source_address + 4 * index);
  into.arrivals[index] = shared_->clock.now_ms();
  into.drops[index] = 0;
  into.tos[index] = 0;
  // CMSG_NXTHDR of older headers takes a pointer to what it does not change.
  auto* all = const_cast<msghdr*>(&message);
  for (cmsghdr* fact = CMSG_FIRSTHDR(all); fact != nullptr; fact = CMSG_NXTHDR(all, fact)) {
    if (fact->cmsg_level == SOL_SOCKET && fact->cmsg_type == SO_TIMESTAMPNS) {
      timespec stamp;
      memcpy(&stamp, CMSG_DATA(fact), sizeof stamp);
      into.arrivals[index] = shared_->clock.Arrival(stamp);
    } else if (fact->cmsg_level == SOL_SOCKET && fact->cmsg_type == SO_RXQ_OVFL) {
      memcpy(into.drops + index, CMSG_DATA(fact), sizeof(uint32_t));
    } else if (fact->cmsg_level == IPPROTO_IP && fact->cmsg_type == IP_TOS) {
      into.tos[index] = *CMSG_DATA(fact);
    } else if (fact->cmsg_level == IPPROTO_IPV6 && fact->cmsg_type == IPV6_TCLASS) {
      // An int, of which the class is the low byte.
      int traffic_class;
      memcpy(&traffic_class, CMSG_DATA(fact), sizeof traffic_class);
      into.tos[index] = static_cast<uint8_t>(traffic_class);
    }
  }
}

void Backend::CountError(int error) {
  Counter counter = kFailed;
  if (error == ENOBUFS || error == EAGAIN) counter = kNoBuffers;
  if (error == EMSGSIZE) counter = kTooLong;
  if (error == ECONNREFUSED) counter = kRefused;
  shared_->counters[counter] += 1;
  const auto known = static_cast<uint32_t>(shared_->turn[kErrors]);
  if (known >= shared_->errors_max) return;
  shared_->errors[known] = error;
  shared_->turn[kErrors] = known + 1;
}

bool Backend::Check(uint32_t index) {
  const Outgoing& out = shared_->outgoing;
  const uint32_t number = out.socket[index];
  const bool open = number < shared_->sockets.size() && shared_->sockets[number] != nullptr;
  // A socket may be closed after something was queued for it: that is no error, its datagrams are just gone.
  if (!open) return false;
  const uint8_t source = out.source[index];
  const bool inside = source < 2 && uint64_t{out.offset[index]} + out.length[index] <= out.slab_lengths[source];
  if (!inside) CountError(EFAULT);
  return inside;
}

}  // namespace midcall

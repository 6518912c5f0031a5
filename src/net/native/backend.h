// How datagrams are moved: the same contract with epoll and with io_uring.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "datagram_socket.h"
#include "datagrams.h"
#include "turn_clock.h"

namespace midcall {

// What a backend works on; owned by the addon's object, which outlives it.
struct Shared {
  Received received;
  Outgoing outgoing;
  double* counters;
  double* turn;
  // The errnos of the last turn, `kErrorsMax` of them at most; their number is the turn's fact kErrors.
  int32_t* errors;
  uint32_t errors_max;
  // By number; null where none is open.
  std::vector<DatagramSocket*> sockets;
  // Readable when libuv has something to do: a message, a disk that is done.
  int loop_fd;
  TurnClock clock;
};

class Backend {
 public:
  virtual ~Backend() = default;

  // Takes an open socket. Returns 0 or a negative errno; the caller then still owns it.
  virtual int Add(std::unique_ptr<DatagramSocket> socket) = 0;
  // Closes a socket; nothing of it is heard any more.
  virtual void Remove(DatagramSocket* socket) = 0;
  // Closes all, and returns when the kernel has let go of their ports.
  virtual void RemoveAll() = 0;
  // Sends the first `count` datagrams of the queue. What fails is counted.
  virtual void Send(uint32_t count) = 0;
  // Waits at most this long for datagrams, or for libuv. Returns how many datagrams there are.
  virtual uint32_t Wait(int64_t timeout_ns) = 0;

 protected:
  explicit Backend(Shared* shared) : shared_(shared) {}

  // Describes a datagram that was received into place `index`, but for where its bytes are.
  void Describe(uint32_t index, const DatagramSocket& socket, const msghdr& message);
  // Counts what a send or a receive came to.
  void CountError(int error);
  // Whether entry `index` of the queue is one we can send; what is not is counted as failed.
  bool Check(uint32_t index);
  // The bytes of entry `index`.
  const uint8_t* Bytes(uint32_t index) const {
    const Outgoing& out = shared_->outgoing;
    return out.slabs[out.source[index]] + out.offset[index];
  }

  Shared* shared_;
};

std::unique_ptr<Backend> MakeEpollBackend(Shared* shared, int* error);
std::unique_ptr<Backend> MakeUringBackend(Shared* shared, int* error);

}  // namespace midcall

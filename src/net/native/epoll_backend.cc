// Datagrams by epoll, recvmmsg and sendmmsg: works on every Linux.
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "addresses.h"
#include "backend.h"

namespace midcall {
namespace {

// Most that is taken from one socket in one turn, so that a flood on one leaves room for the others.
constexpr uint32_t kEagernessMax = 64;
constexpr int64_t kNsPerMs = 1'000'000;

class EpollBackend final : public Backend {
 public:
  EpollBackend(Shared* shared, int epoll) : Backend(shared), epoll_(epoll) {
    PrepareReceiving();
    PrepareSending();
  }

  ~EpollBackend() override {
    RemoveAll();
    ::close(epoll_);
  }

  int Add(std::unique_ptr<DatagramSocket> socket) override {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = socket.get();
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket->fd, &event) != 0) return -errno;
    const uint32_t number = socket->number;
    shared_->sockets[number] = socket.release();
    return 0;
  }

  void Remove(DatagramSocket* socket) override {
    shared_->sockets[socket->number] = nullptr;
    ::close(socket->fd);
    delete socket;
  }

  void RemoveAll() override {
    for (DatagramSocket* socket : shared_->sockets)
      if (socket != nullptr) Remove(socket);
  }

  void Send(uint32_t count) override {
    // Grouped by socket, so that each costs one system call however its datagrams are spread over the queue.
    uint32_t touched = 0;
    for (uint32_t index = 0; index < count; index++) {
      if (!Check(index)) continue;
      DatagramSocket* socket = shared_->sockets[shared_->outgoing.socket[index]];
      next_[index] = -1;
      if (socket->first_queued < 0) {
        socket->first_queued = static_cast<int32_t>(index);
        touched_[touched++] = socket;
      } else {
        next_[socket->last_queued] = static_cast<int32_t>(index);
      }
      socket->last_queued = static_cast<int32_t>(index);
    }
    for (uint32_t at = 0; at < touched; at++) SendGroup(touched_[at]);
  }

  uint32_t Wait(int64_t timeout_ns) override {
    const int ready = WaitForEvents(timeout_ns);
    shared_->clock.Read();
    uint32_t count = 0;
    for (int at = 0; at < ready; at++) {
      // Null is libuv's: that we come back is all it needs.
      auto* socket = static_cast<DatagramSocket*>(events_[at].data.ptr);
      if (socket != nullptr)
        count += Receive(socket, count);
      else
        shared_->turn[kLoopReady] = 1;
    }
    return count;
  }

 private:
  void PrepareReceiving() {
    const Received& into = shared_->received;
    events_.resize(into.capacity + 1);
    incoming_.resize(into.capacity);
    incoming_parts_.resize(into.capacity);
    names_.resize(into.capacity);
    controls_.resize(into.capacity);
    for (uint32_t at = 0; at < into.capacity; at++) {
      incoming_parts_[at] = {into.slab + size_t{at} * into.stride, into.stride};
      into.offset[at] = at * into.stride;
      msghdr& header = incoming_[at].msg_hdr;
      header = {};
      header.msg_iov = &incoming_parts_[at];
      header.msg_iovlen = 1;
      header.msg_name = &names_[at];
      header.msg_control = &controls_[at];
      Rearm(at);
    }
  }

  void PrepareSending() {
    const uint32_t capacity = shared_->outgoing.capacity;
    outgoing_.resize(capacity);
    outgoing_parts_.resize(capacity);
    destinations_.resize(capacity);
    next_.resize(capacity);
    touched_.resize(capacity);
  }

  // The kernel writes how much it used of both; it must read how much there is.
  void Rearm(uint32_t at) {
    incoming_[at].msg_hdr.msg_namelen = kNameBytes;
    incoming_[at].msg_hdr.msg_controllen = kControlBytes;
    incoming_[at].msg_hdr.msg_flags = 0;
  }

  int WaitForEvents(int64_t timeout_ns) {
    const int most = static_cast<int>(shared_->received.capacity);
#ifdef SYS_epoll_pwait2
    if (has_pwait2_) {
      timespec timeout = {timeout_ns / (1000 * kNsPerMs), timeout_ns % (1000 * kNsPerMs)};
      const auto ready = static_cast<int>(
          syscall(SYS_epoll_pwait2, epoll_, events_.data(), most, timeout_ns < 0 ? nullptr : &timeout, nullptr, 0));
      if (ready >= 0 || errno != ENOSYS) return ready;
      has_pwait2_ = false;
    }
#endif
    const int64_t timeout_ms = timeout_ns < 0 ? -1 : (timeout_ns + kNsPerMs - 1) / kNsPerMs;
    return epoll_wait(epoll_, events_.data(), most, static_cast<int>(std::min<int64_t>(timeout_ms, INT32_MAX)));
  }

  // Receives into the places from `from` on. Returns how many came.
  uint32_t Receive(DatagramSocket* socket, uint32_t from) {
    const uint32_t wanted = std::min(socket->eagerness, shared_->received.capacity - from);
    // What finds no place now is still there in the next turn.
    if (wanted == 0) return 0;
    const int got = recvmmsg(socket->fd, &incoming_[from], wanted, MSG_DONTWAIT, nullptr);
    if (got <= 0) {
      if (errno != EAGAIN && errno != EINTR) CountError(errno);
      socket->eagerness = 1;
      return 0;
    }
    const auto count = static_cast<uint32_t>(got);
    for (uint32_t at = from; at < from + count; at++) {
      const msghdr& header = incoming_[at].msg_hdr;
      Describe(at, *socket, header);
      shared_->received.length[at] = incoming_[at].msg_len;
      if ((header.msg_flags & MSG_TRUNC) != 0) shared_->counters[kTruncated] += 1;
      Rearm(at);
    }
    socket->eagerness = count < wanted ? count : std::min(2 * wanted, kEagernessMax);
    return count;
  }

  void SendGroup(DatagramSocket* socket) {
    uint32_t count = 0;
    for (int32_t index = socket->first_queued; index >= 0; index = next_[index])
      if (Prepare(*socket, static_cast<uint32_t>(index), count)) count++;
    socket->first_queued = socket->last_queued = -1;
    bool retried = false;
    for (uint32_t sent = 0; sent < count;) {
      const int taken = sendmmsg(socket->fd, &outgoing_[sent], count - sent, MSG_DONTWAIT);
      if (taken > 0) {
        sent += static_cast<uint32_t>(taken);
        retried = false;
        continue;
      }
      const int error = errno;
      if (error == EINTR) continue;
      CountError(error);
      // The kernel tells here what became of an earlier datagram, and did not touch this one.
      if (error == ECONNREFUSED && !retried) {
        retried = true;
        continue;
      }
      sent++;
      retried = false;
    }
  }

  bool Prepare(const DatagramSocket& socket, uint32_t index, uint32_t at) {
    const Outgoing& out = shared_->outgoing;
    outgoing_parts_[at] = {const_cast<uint8_t*>(Bytes(index)), out.length[index]};
    msghdr& header = outgoing_[at].msg_hdr;
    header = {};
    header.msg_iov = &outgoing_parts_[at];
    header.msg_iovlen = 1;
    if (socket.connected) return true;
    header.msg_name = &destinations_[at];
    header.msg_namelen = WriteAddress(out.address + 4 * index, out.port[index], socket.family, &destinations_[at]);
    if (header.msg_namelen != 0) return true;
    CountError(EAFNOSUPPORT);
    return false;
  }

  struct alignas(cmsghdr) Control {
    uint8_t bytes[kControlBytes];
  };

  int epoll_;
  bool has_pwait2_ = true;
  std::vector<epoll_event> events_;
  // Per place in the batch; set up once, the kernel fills them in.
  std::vector<mmsghdr> incoming_;
  std::vector<iovec> incoming_parts_;
  std::vector<sockaddr_in6> names_;
  std::vector<Control> controls_;
  // For the group that is being sent.
  std::vector<mmsghdr> outgoing_;
  std::vector<iovec> outgoing_parts_;
  std::vector<sockaddr_in6> destinations_;
  // Per entry of the queue: the next one of the same socket; -1 for the last.
  std::vector<int32_t> next_;
  std::vector<DatagramSocket*> touched_;
};

}  // namespace

std::unique_ptr<Backend> MakeEpollBackend(Shared* shared, int* error) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, shared->loop_fd, &event) != 0) {
    *error = errno;
    if (epoll >= 0) ::close(epoll);
    return nullptr;
  }
  return std::make_unique<EpollBackend>(shared, epoll);
}

}  // namespace midcall

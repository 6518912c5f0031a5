// Datagrams by io_uring: every socket has one receive under way that goes on by itself and takes its buffers from a shared ring,
// and the sends of a turn are submitted together. About a tenth cheaper than epoll; often forbidden in containers.
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_set>

#include "addresses.h"
#include "backend.h"
#include "ring.h"

namespace midcall {

#ifdef MIDCALL_HAS_URING
namespace {

constexpr uint32_t kSubmissions = 2'048;
// Every buffer may be full at once, every socket ended, and every send refused.
constexpr uint32_t kCompletions = 16'384;
// What a completion belongs to; everything else is the address of a Receiver, which is aligned.
constexpr uint64_t kSend = 1;
constexpr uint64_t kLoop = 2;
constexpr uint64_t kCancel = 3;
// Room for an address in a provided buffer; more than kNameBytes so that what follows is aligned.
constexpr uint32_t kNameRoom = 32;
constexpr uint32_t kHeadBytes = sizeof(io_uring_recvmsg_out) + kNameRoom + kControlBytes;
static_assert(kNameRoom >= kNameBytes && kHeadBytes % alignof(cmsghdr) == 0);
// Closing a socket takes the kernel microseconds; what takes longer is left to the end of the ring.
constexpr int kCloseTries = 200;
constexpr int64_t kCloseWaitNs = 10'000'000;

// One socket's receive. Outlives the socket's number by as long as the kernel still works on it.
struct Receiver {
  std::unique_ptr<DatagramSocket> socket;
  // The kernel has it.
  bool armed = false;
  // The socket was closed: what still comes is thrown away.
  bool closed = false;
};

class UringBackend final : public Backend {
 public:
  explicit UringBackend(Shared* shared) : Backend(shared) {}

  ~UringBackend() override {
    RemoveAll();
    // No completion is looked at any more, and the end of the ring ends what the kernel still does.
    for (Receiver* receiver : closing_) Bury(receiver);
    if (buffers_ != nullptr) munmap(buffers_, BuffersBytes());
  }

  int Open() {
    const Received& into = shared_->received;
    int error = ring_.Open(kSubmissions, kCompletions);
    if (error != 0) return error;
    void* buffers = mmap(nullptr, BuffersBytes(), PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (buffers == MAP_FAILED) return -errno;
    buffers_ = static_cast<io_uring_buf*>(buffers);
    error = ring_.RegisterBuffers(buffers_, into.capacity);
    if (error != 0) return error;
    held_.reserve(into.capacity);
    for (uint32_t at = 0; at < into.capacity; at++) held_.push_back(static_cast<uint16_t>(at));
    pattern_.msg_namelen = kNameRoom;
    pattern_.msg_controllen = kControlBytes;
    receivers_.resize(shared_->sockets.size());
    outgoing_.resize(shared_->outgoing.capacity);
    outgoing_parts_.resize(shared_->outgoing.capacity);
    destinations_.resize(shared_->outgoing.capacity);
    return 0;
  }

  int Add(std::unique_ptr<DatagramSocket> socket) override {
    const uint32_t number = socket->number;
    shared_->sockets[number] = socket.get();
    auto* receiver = new Receiver;
    receiver->socket = std::move(socket);
    receivers_[number] = receiver;
    idle_.push_back(receiver);
    return 0;
  }

  void Remove(DatagramSocket* socket) override {
    Receiver* receiver = receivers_[socket->number];
    shared_->sockets[socket->number] = nullptr;
    receivers_[socket->number] = nullptr;
    receiver->closed = true;
    if (!receiver->armed) {
      idle_.erase(std::remove(idle_.begin(), idle_.end(), receiver), idle_.end());
      return Bury(receiver);
    }
    closing_.insert(receiver);
    io_uring_sqe* entry = ring_.Next();
    entry->opcode = IORING_OP_ASYNC_CANCEL;
    entry->addr = reinterpret_cast<uint64_t>(receiver);
    entry->user_data = kCancel;
    ring_.Submit();
  }

  void RemoveAll() override {
    for (DatagramSocket* socket : shared_->sockets)
      if (socket != nullptr) Remove(socket);
    for (int tries = 0; tries < kCloseTries && !closing_.empty(); tries++) {
      if (ring_.Peek() == nullptr) ring_.Enter(1, kCloseWaitNs);
      TakeCompletions();
      Recycle();
    }
  }

  void Send(uint32_t count) override {
    for (uint32_t index = 0; index < count; index++)
      if (Check(index)) SendOne(index);
    // With MSG_DONTWAIT a datagram is sent, or refused, before this returns: the queue may be filled anew.
    ring_.Submit();
  }

  uint32_t Wait(int64_t timeout_ns) override {
    Recycle();
    for (Receiver* receiver : idle_) Arm(receiver);
    idle_.clear();
    if (!loop_armed_) ArmLoop();
    const bool ready = ring_.Peek() != nullptr;
    ring_.Enter(ready || timeout_ns == 0 ? 0 : 1, timeout_ns);
    shared_->clock.Read();
    return TakeCompletions();
  }

 private:
  size_t BuffersBytes() const { return shared_->received.capacity * sizeof(io_uring_buf); }

  // Gives the buffers of the last turn back to the kernel.
  void Recycle() {
    const Received& into = shared_->received;
    for (const uint16_t buffer : held_) {
      io_uring_buf& entry = buffers_[buffers_tail_ & (into.capacity - 1)];
      entry.addr = reinterpret_cast<uint64_t>(into.slab + size_t{buffer} * into.stride);
      entry.len = into.stride;
      entry.bid = buffer;
      buffers_tail_++;
    }
    held_.clear();
    // The ring's tail lies in a field of the first entry that is not used otherwise (struct io_uring_buf_ring; its declaration is
    // laid out differently by C++).
    __atomic_store_n(&buffers_[0].resv, buffers_tail_, __ATOMIC_RELEASE);
  }

  void Arm(Receiver* receiver) {
    io_uring_sqe* entry = ring_.Next();
    entry->opcode = IORING_OP_RECVMSG;
    entry->fd = receiver->socket->fd;
    entry->addr = reinterpret_cast<uint64_t>(&pattern_);
    entry->len = 1;
    entry->ioprio = IORING_RECV_MULTISHOT;
    entry->flags = IOSQE_BUFFER_SELECT;
    entry->user_data = reinterpret_cast<uint64_t>(receiver);
    receiver->armed = true;
  }

  void ArmLoop() {
    io_uring_sqe* entry = ring_.Next();
    entry->opcode = IORING_OP_POLL_ADD;
    entry->fd = shared_->loop_fd;
    entry->poll32_events = POLLIN;
    entry->user_data = kLoop;
    loop_armed_ = true;
  }

  void SendOne(uint32_t index) {
    const Outgoing& out = shared_->outgoing;
    const DatagramSocket& socket = *shared_->sockets[out.socket[index]];
    outgoing_parts_[index] = {const_cast<uint8_t*>(Bytes(index)), out.length[index]};
    msghdr& header = outgoing_[index];
    header = {};
    header.msg_iov = &outgoing_parts_[index];
    header.msg_iovlen = 1;
    if (!socket.connected) {
      header.msg_name = &destinations_[index];
      header.msg_namelen =
          WriteAddress(out.address + 4 * index, out.port[index], socket.family, &destinations_[index]);
      if (header.msg_namelen == 0) return CountError(EAFNOSUPPORT);
    }
    io_uring_sqe* entry = ring_.Next();
    entry->opcode = IORING_OP_SENDMSG;
    entry->fd = socket.fd;
    entry->addr = reinterpret_cast<uint64_t>(&header);
    entry->len = 1;
    entry->msg_flags = MSG_DONTWAIT;
    entry->flags = IOSQE_CQE_SKIP_SUCCESS;
    entry->user_data = kSend;
  }

  // Takes completions until there are none or the batch is full. Returns how many datagrams they brought.
  uint32_t TakeCompletions() {
    uint32_t count = 0;
    const io_uring_cqe* completion;
    while (count < shared_->received.capacity && (completion = ring_.Peek()) != nullptr) {
      switch (completion->user_data) {
        case kSend:
          if (completion->res < 0) CountError(-completion->res);
          break;
        case kLoop:
          // That we come back is all libuv needs.
          shared_->turn[kLoopReady] = 1;
          loop_armed_ = false;
          break;
        case kCancel:
          break;
        default:
          if (TakeReceived(*completion, count)) count++;
      }
      ring_.Seen();
    }
    return count;
  }

  // Returns whether it is a datagram for someone, now described at `index`.
  bool TakeReceived(const io_uring_cqe& completion, uint32_t index) {
    auto* receiver = reinterpret_cast<Receiver*>(completion.user_data);
    bool taken = false;
    if ((completion.flags & IORING_CQE_F_BUFFER) != 0) {
      const auto buffer = static_cast<uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
      held_.push_back(buffer);
      taken = !receiver->closed && completion.res >= static_cast<int>(kHeadBytes);
      if (taken) DescribeBuffer(*receiver->socket, buffer, index);
    }
    // Out of buffers is no loss: the datagram stays with the socket until there are some.
    const int error = -completion.res;
    if (error > 0 && error != ENOBUFS && error != ECANCELED && !receiver->closed) CountError(error);
    if ((completion.flags & IORING_CQE_F_MORE) == 0) Ended(receiver);
    return taken;
  }

  void DescribeBuffer(const DatagramSocket& socket, uint16_t buffer, uint32_t index) {
    const Received& into = shared_->received;
    const uint32_t at = buffer * into.stride;
    uint8_t* bytes = into.slab + at;
    io_uring_recvmsg_out head;
    memcpy(&head, bytes, sizeof head);
    msghdr message{};
    message.msg_name = bytes + sizeof head;
    message.msg_control = bytes + sizeof head + kNameRoom;
    message.msg_controllen = head.controllen;
    Describe(index, socket, message);
    into.offset[index] = at + kHeadBytes;
    into.length[index] = std::min(head.payloadlen, into.stride - kHeadBytes);
    if ((head.flags & MSG_TRUNC) != 0) shared_->counters[kTruncated] += 1;
  }

  // The kernel does not work on it any more: it is armed again, or it was closed.
  void Ended(Receiver* receiver) {
    receiver->armed = false;
    if (!receiver->closed) {
      idle_.push_back(receiver);
      return;
    }
    closing_.erase(receiver);
    Bury(receiver);
  }

  void Bury(Receiver* receiver) {
    ::close(receiver->socket->fd);
    delete receiver;
  }

  Ring ring_;
  // The ring of buffers that the kernel takes from, and where the next one is put.
  io_uring_buf* buffers_ = nullptr;
  uint16_t buffers_tail_ = 0;
  // Buffers of this turn, the kernel's again in the next.
  std::vector<uint16_t> held_;
  // How much of a buffer is for address and facts.
  msghdr pattern_{};
  bool loop_armed_ = false;
  // By number; null where none is open.
  std::vector<Receiver*> receivers_;
  // To be armed in the next turn.
  std::vector<Receiver*> idle_;
  // Closed, but the kernel still works on them.
  std::unordered_set<Receiver*> closing_;
  // Per entry of the queue.
  std::vector<msghdr> outgoing_;
  std::vector<iovec> outgoing_parts_;
  std::vector<sockaddr_in6> destinations_;
};

}  // namespace

std::unique_ptr<Backend> MakeUringBackend(Shared* shared, int* error) {
  auto backend = std::make_unique<UringBackend>(shared);
  const int opened = backend->Open();
  if (opened == 0) return backend;
  *error = -opened;
  return nullptr;
}

#else

std::unique_ptr<Backend> MakeUringBackend(Shared*, int* error) {
  *error = ENOSYS;
  return nullptr;
}

#endif

}  // namespace midcall

#include "ring.h"

#ifdef MIDCALL_HAS_URING

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace midcall {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

void* Map(int fd, size_t bytes, uint64_t offset) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, static_cast<off_t>(offset));
  return at == MAP_FAILED ? nullptr : at;
}

}  // namespace

Ring::~Ring() {
  if (entries_ != nullptr) munmap(entries_, entries_bytes_);
  if (rings_ != nullptr) munmap(rings_, rings_bytes_);
  if (fd_ >= 0) ::close(fd_);
}

int Ring::Open(uint32_t submissions, uint32_t completions) {
  io_uring_params params{};
  // One thread submits and reaps; its completions are gathered when it asks for them, not in between. One entry that is refused
  // does not keep the others back.
  params.flags =
      IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL;
  params.cq_entries = completions;
  fd_ = static_cast<int>(syscall(__NR_io_uring_setup, submissions, &params));
  if (fd_ < 0) return -errno;
  const size_t submission_bytes = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
  const size_t completion_bytes = params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe);
  rings_bytes_ = submission_bytes > completion_bytes ? submission_bytes : completion_bytes;
  rings_ = Map(fd_, rings_bytes_, IORING_OFF_SQ_RING);
  entries_bytes_ = params.sq_entries * sizeof(io_uring_sqe);
  entries_ = static_cast<io_uring_sqe*>(Map(fd_, entries_bytes_, IORING_OFF_SQES));
  if (rings_ == nullptr || entries_ == nullptr) return -ENOMEM;
  submission_head_ = At<uint32_t>(rings_, params.sq_off.head);
  submission_tail_ = At<uint32_t>(rings_, params.sq_off.tail);
  submission_mask_ = params.sq_entries - 1;
  completion_head_ = At<uint32_t>(rings_, params.cq_off.head);
  completion_tail_ = At<uint32_t>(rings_, params.cq_off.tail);
  completion_mask_ = params.cq_entries - 1;
  completions_ = At<io_uring_cqe>(rings_, params.cq_off.cqes);
  // Entries are used in turn, so the indirection between queue and entries never changes.
  auto* array = At<uint32_t>(rings_, params.sq_off.array);
  for (uint32_t at = 0; at < params.sq_entries; at++) array[at] = at;
  return 0;
}

int Ring::RegisterBuffers(io_uring_buf* buffers, uint32_t count) {
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uint64_t>(buffers);
  registration.ring_entries = count;
  const auto done = syscall(__NR_io_uring_register, fd_, IORING_REGISTER_PBUF_RING, &registration, 1);
  return done == 0 ? 0 : -errno;
}

io_uring_sqe* Ring::Next() {
  uint32_t tail = *submission_tail_;
  if (tail - __atomic_load_n(submission_head_, __ATOMIC_ACQUIRE) > submission_mask_) Submit();
  tail = *submission_tail_;
  io_uring_sqe* entry = &entries_[tail & submission_mask_];
  memset(entry, 0, sizeof *entry);
  // The kernel only looks during `Enter`, on this thread: so the tail may move before the entry is filled in.
  __atomic_store_n(submission_tail_, tail + 1, __ATOMIC_RELEASE);
  waiting_++;
  return entry;
}

void Ring::Enter(uint32_t wanted, int64_t timeout_ns) {
  __kernel_timespec timeout{timeout_ns / kNsPerSecond, timeout_ns % kNsPerSecond};
  io_uring_getevents_arg limits{};
  if (timeout_ns >= 0) limits.ts = reinterpret_cast<uint64_t>(&timeout);
  const uint32_t flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
  const auto submitted = syscall(__NR_io_uring_enter, fd_, waiting_, wanted, flags, &limits, sizeof limits);
  // ETIME and EINTR mean that what was submitted is submitted; EBUSY and EAGAIN that nothing was: it stays and goes next time.
  if (submitted >= 0)
    waiting_ -= static_cast<uint32_t>(submitted);
  else
    waiting_ = *submission_tail_ - __atomic_load_n(submission_head_, __ATOMIC_ACQUIRE);
}

const io_uring_cqe* Ring::Peek() const {
  const uint32_t head = *completion_head_;
  if (head == __atomic_load_n(completion_tail_, __ATOMIC_ACQUIRE)) return nullptr;
  return &completions_[head & completion_mask_];
}

void Ring::Seen() { __atomic_store_n(completion_head_, *completion_head_ + 1, __ATOMIC_RELEASE); }

}  // namespace midcall
#endif

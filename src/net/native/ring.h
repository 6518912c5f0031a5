// The two queues of an io_uring, by the kernel's own interface: what of liburing this addon would use is less than its build.
#pragma once

#include <linux/io_uring.h>

#include <cstddef>
#include <cstdint>

// Kernel 6.1, whose DEFER_TASKRUN also stands for multishot recvmsg (6.0) and rings of provided buffers (5.19).
#if defined(IORING_SETUP_DEFER_TASKRUN) && defined(IORING_RECV_MULTISHOT)
#define MIDCALL_HAS_URING 1

namespace midcall {

class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  // Returns 0 or a negative errno: ENOSYS, EPERM where it is forbidden, EINVAL on an older kernel.
  int Open(uint32_t submissions, uint32_t completions);
  // Tells the kernel of an array of buffers as group 0. Returns 0 or a negative errno.
  int RegisterBuffers(io_uring_buf* buffers, uint32_t count);

  // A cleared entry to fill in; submits what waits when there is none free.
  io_uring_sqe* Next();
  // Submits what was filled in.
  void Submit() { Enter(0, -1); }
  // Submits, and waits at most this long (less than 0: for ever) for this many completions.
  void Enter(uint32_t wanted, int64_t timeout_ns);

  // The oldest completion, null when there is none.
  const io_uring_cqe* Peek() const;
  // Gives it back.
  void Seen();

 private:
  template <typename T>
  T* At(void* base, uint32_t offset) const {
    return reinterpret_cast<T*>(static_cast<uint8_t*>(base) + offset);
  }

  int fd_ = -1;
  void* rings_ = nullptr;
  size_t rings_bytes_ = 0;
  io_uring_sqe* entries_ = nullptr;
  size_t entries_bytes_ = 0;
  uint32_t* submission_head_ = nullptr;
  uint32_t* submission_tail_ = nullptr;
  uint32_t submission_mask_ = 0;
  uint32_t* completion_head_ = nullptr;
  uint32_t* completion_tail_ = nullptr;
  uint32_t completion_mask_ = 0;
  io_uring_cqe* completions_ = nullptr;
  // Filled in and not submitted yet.
  uint32_t waiting_ = 0;
};

}  // namespace midcall
#endif

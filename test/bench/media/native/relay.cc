// The least that a relay with a recording can be: what comes on in-port + 2 i is written to one file, when one is named, and sent
// to sink-port + i. No check of anything, no order, no report, no sync. Prints "ready", runs until it is ended.
//
//   relay --streams 400 --in-port 10000 --sink-port 42000 --record FILE --core 1
#include <sys/epoll.h>
#include <unistd.h>

#include <vector>

#include "process.h"

namespace {

constexpr int kBatch = 32;
constexpr int kPacketBytes = 2'048;
constexpr size_t kChunkBytes = 1 << 20;
constexpr int kReceiveBytes = 4 << 20;

struct Line {
  int in;
  int out;
  sockaddr_in to;
};

// Time, stream and length before each packet; written a chunk at a time.
class Record {
 public:
  explicit Record(const char* path) : chunk_(kChunkBytes) {
    if (path == nullptr) return;
    fd_ = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (fd_ < 0) Fail(path);
  }

  void Add(int64_t now_ns, uint32_t stream, const uint8_t* packet, uint32_t length) {
    if (fd_ < 0) return;
    if (filled_ + 16 + length > kChunkBytes) Flush();
    uint8_t* at = &chunk_[filled_];
    memcpy(at, &now_ns, 8);
    memcpy(at + 8, &stream, 4);
    memcpy(at + 12, &length, 4);
    memcpy(at + 16, packet, length);
    filled_ += 16 + length;
  }

 private:
  void Flush() {
    if (write(fd_, chunk_.data(), filled_) < 0) Fail("write");
    filled_ = 0;
  }

  int fd_ = -1;
  std::vector<uint8_t> chunk_;
  size_t filled_ = 0;
};

class Relay {
 public:
  explicit Relay(const Options& options)
      : record_(options.Text("--record")), epoll_(epoll_create1(0)), lines_(static_cast<size_t>(options.Int("--streams", 1))) {
    const int in_port = options.Int("--in-port", 10'000);
    const int sink_port = options.Int("--sink-port", 42'000);
    for (uint32_t number = 0; number < lines_.size(); number++) {
      const int at = static_cast<int>(number);
      lines_[number] = {OpenUdp(in_port + 2 * at, kReceiveBytes), OpenUdp(in_port + 2 * at + 1, kReceiveBytes),
                        Loopback(sink_port + at)};
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = number;
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, lines_[number].in, &event) != 0) Fail("epoll_ctl");
    }
    for (int at = 0; at < kBatch; at++) {
      parts_[at].iov_base = packets_[at];
      batch_[at].msg_hdr.msg_iov = &parts_[at];
      batch_[at].msg_hdr.msg_iovlen = 1;
    }
  }

  void Run() {
    epoll_event events[512];
    for (;;) {
      const int ready = epoll_wait(epoll_, events, 512, -1);
      const int64_t now = Nanoseconds(CLOCK_REALTIME);
      for (int at = 0; at < ready; at++) Pass(events[at].data.u32, now);
    }
  }

 private:
  void Pass(uint32_t number, int64_t now) {
    const Line& line = lines_[number];
    for (int at = 0; at < kBatch; at++) {
      parts_[at].iov_len = kPacketBytes;
      batch_[at].msg_hdr.msg_name = &sources_[at];
      batch_[at].msg_hdr.msg_namelen = sizeof sources_[at];
    }
    const int count = recvmmsg(line.in, batch_, kBatch, MSG_DONTWAIT, nullptr);
    for (int at = 0; at < count; at++) {
      record_.Add(now, number, packets_[at], batch_[at].msg_len);
      parts_[at].iov_len = batch_[at].msg_len;
      batch_[at].msg_hdr.msg_name = const_cast<sockaddr_in*>(&line.to);
      batch_[at].msg_hdr.msg_namelen = sizeof line.to;
    }
    if (count > 0) sendmmsg(line.out, batch_, static_cast<unsigned>(count), 0);
  }

  Record record_;
  int epoll_;
  std::vector<Line> lines_;
  mmsghdr batch_[kBatch]{};
  iovec parts_[kBatch]{};
  sockaddr_in sources_[kBatch]{};
  uint8_t packets_[kBatch][kPacketBytes];
};

}  // namespace

int main(int count, char** words) {
  const Options options(count, words);
  static Relay relay(options);
  Settle(options.Int("--core", -1));
  printf("ready\n");
  fflush(stdout);
  relay.Run();
}

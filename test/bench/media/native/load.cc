// Sends RTP streams at an even pace to whatever relays them, receives what comes back, and prints what became of them as one
// line of JSON:
//
//   load --streams 400 --rate 20000 --bytes 172 --source-port 30000 --sink-port 42000 … < ports
//
// Stream i goes from source-port + i (or, with --one-source 1, all from source-port) to line i of the standard input, a port on
// loopback, and is expected at sink-port + i. Latency is from our send to the kernel's arrival, so how soon we look is no
// part of it. CPU is that of --pid, between the end of the warm-up and the end of the load.
#include <linux/filter.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "histogram.h"
#include "process.h"

namespace {

constexpr int kBatch = 64;
constexpr int64_t kTickNs = 200'000;
// Behind by more than this, what was due is left out and counted: a machine that stood still is no burst of the phones'.
constexpr int64_t kBehindNs = 50'000'000;
// Nothing has come for this long: all that will come is there. A stream that ran dry plays up to two seconds late.
constexpr int64_t kDrainNs = 500'000'000;
constexpr int kDrainsMax = 20;
constexpr int64_t kSinkPauseNs = 500'000;
constexpr uint32_t kMagic = 0x6d636c64;
constexpr int kHeaderBytes = 12;
constexpr int kSinkBytesOne = 128 << 20;
constexpr int kSinkBytesMany = 8 << 20;

// Behind the RTP header.
struct Mark {
  uint32_t magic;
  uint32_t stream;
  uint64_t number;
  int64_t sent_ns;
};

struct Terms {
  int streams;
  double rate;
  int bytes;
  int payload_type;
  double clock_rate;
  double seconds;
  double warm_up;
  int source_port;
  int sink_port;
  bool one_source;
  // One packet in so many is looked at: a power of two.
  int sample;
  int core;
  int pid;
};

struct Stream {
  int source;
  int sink;
  sockaddr_in to;
  uint64_t sent = 0;
  uint64_t expected = 0;
};

struct Usage {
  int64_t cpu_ns;
  uint64_t user_ticks;
  uint64_t system_ticks;
};

std::vector<Stream> streams;
std::atomic<bool> sending{true}, sinking{true}, steady{false};
std::atomic<uint64_t> sent{0}, sent_sampled{0}, failed{0}, skipped{0}, received{0}, out_of_order{0};
Histogram latency;

void Write(const Terms& terms, uint32_t number, int64_t now_ns, uint8_t* packet) {
  Stream& stream = streams[number];
  const uint64_t at = stream.sent++;
  const double per_second = terms.rate / terms.streams;
  const auto timestamp = static_cast<uint32_t>(static_cast<uint64_t>(static_cast<double>(at) * terms.clock_rate / per_second));
  const uint32_t words[3] = {
      htonl(0x80000000u | (static_cast<uint32_t>(terms.payload_type) << 16) | static_cast<uint32_t>(at & 0xffff)),
      htonl(timestamp), htonl(0x10000000u + number)};
  memcpy(packet, words, sizeof words);
  const Mark mark = {kMagic, number, at, now_ns};
  memcpy(packet + kHeaderBytes, &mark, sizeof mark);
  if ((at & static_cast<uint64_t>(terms.sample - 1)) == 0) sent_sampled.fetch_add(1, std::memory_order_relaxed);
}

// Sends what is in the batch through one socket.
void Flush(int fd, mmsghdr* batch, int count) {
  for (int done = 0; done < count;) {
    const int taken = sendmmsg(fd, batch + done, static_cast<unsigned>(count - done), 0);
    if (taken > 0) {
      done += taken;
      sent += static_cast<uint64_t>(taken);
      continue;
    }
    // Tells of an earlier datagram; this one was not touched.
    if (errno == ECONNREFUSED) continue;
    failed++;
    done++;
  }
}

class Sender {
 public:
  explicit Sender(const Terms& terms) : terms_(terms), bytes_(size_t{kBatch} * static_cast<size_t>(terms.bytes), 0x55) {
    for (int at = 0; at < kBatch; at++) {
      parts_[at] = {&bytes_[size_t(at) * static_cast<size_t>(terms.bytes)], static_cast<size_t>(terms.bytes)};
      batch_[at].msg_hdr.msg_iov = &parts_[at];
      batch_[at].msg_hdr.msg_iovlen = 1;
      batch_[at].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    }
  }

  void Run() {
    Settle(terms_.core);
    const double step_ns = 1e9 / terms_.rate;
    auto start = Nanoseconds(CLOCK_MONOTONIC);
    uint64_t packet = 0;
    while (sending) {
      const int64_t now = Nanoseconds(CLOCK_MONOTONIC);
      auto due = static_cast<uint64_t>(static_cast<double>(now - start) / step_ns) + 1;
      const double behind_ns = static_cast<double>(due - packet) * step_ns;
      if (behind_ns > kBehindNs) {
        skipped += due - packet;
        start += static_cast<int64_t>(behind_ns);
        continue;
      }
      while (packet < due && sending) packet += SendSome(packet, due);
      const int64_t next = start + static_cast<int64_t>(static_cast<double>(packet) * step_ns);
      SleepUntil(std::max(next, now + kTickNs));
    }
  }

 private:
  // Through one socket: as many as are due, or those of one stream. Returns how many.
  uint64_t SendSome(uint64_t packet, uint64_t due) {
    const int64_t now = Nanoseconds(CLOCK_REALTIME);
    const auto first = static_cast<uint32_t>(packet % static_cast<uint64_t>(terms_.streams));
    int count = 0;
    for (; count < kBatch && packet + static_cast<uint64_t>(count) < due; count++) {
      const auto number =
          static_cast<uint32_t>((packet + static_cast<uint64_t>(count)) % static_cast<uint64_t>(terms_.streams));
      if (!terms_.one_source && number != first) break;
      Write(terms_, number, now, static_cast<uint8_t*>(parts_[count].iov_base));
      batch_[count].msg_hdr.msg_name = &streams[number].to;
    }
    Flush(streams[terms_.one_source ? 0 : first].source, batch_, count);
    return static_cast<uint64_t>(count);
  }

  const Terms& terms_;
  std::vector<uint8_t> bytes_;
  mmsghdr batch_[kBatch]{};
  iovec parts_[kBatch]{};
};

class Sink {
 public:
  explicit Sink(const Terms& terms) : terms_(terms), epoll_(epoll_create1(0)) {
    for (uint32_t number = 0; number < streams.size(); number++) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = number;
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, streams[number].sink, &event) != 0) Fail("epoll_ctl");
    }
    for (int at = 0; at < kBatch; at++) {
      parts_[at] = {heads_[at], sizeof heads_[at]};
      batch_[at].msg_hdr.msg_iov = &parts_[at];
      batch_[at].msg_hdr.msg_iovlen = 1;
      batch_[at].msg_hdr.msg_control = facts_[at];
    }
  }

  void Run() {
    Settle(terms_.core);
    epoll_event events[512];
    while (sinking) {
      const int ready = epoll_wait(epoll_, events, 512, 0);
      if (ready <= 0) SleepFor(kSinkPauseNs);
      for (int at = 0; at < ready; at++) Drain(streams[events[at].data.u32].sink);
    }
  }

 private:
  void Drain(int fd) {
    int count;
    do {
      for (auto& message : batch_) message.msg_hdr.msg_controllen = sizeof facts_[0];
      // The head is enough; the length told is the whole packet's.
      count = recvmmsg(fd, batch_, kBatch, MSG_DONTWAIT | MSG_TRUNC, nullptr);
      for (int at = 0; at < count; at++) Take(heads_[at], batch_[at]);
    } while (count == kBatch);
  }

  void Take(const uint8_t* head, const mmsghdr& message) {
    Mark mark;
    memcpy(&mark, head + kHeaderBytes, sizeof mark);
    // RTCP comes here too.
    if (message.msg_len != static_cast<unsigned>(terms_.bytes) || mark.magic != kMagic) return;
    Stream& stream = streams[mark.stream % streams.size()];
    received.fetch_add(1, std::memory_order_relaxed);
    if (mark.number < stream.expected) out_of_order++;
    else stream.expected = mark.number + 1;
    if (steady) latency.Add(ArrivalNs(message.msg_hdr) - mark.sent_ns);
  }

  static int64_t ArrivalNs(const msghdr& header) {
    for (cmsghdr* fact = CMSG_FIRSTHDR(&header); fact != nullptr; fact = CMSG_NXTHDR(const_cast<msghdr*>(&header), fact)) {
      if (fact->cmsg_level != SOL_SOCKET || fact->cmsg_type != SO_TIMESTAMPNS) continue;
      timespec stamp;
      memcpy(&stamp, CMSG_DATA(fact), sizeof stamp);
      return int64_t{stamp.tv_sec} * kNsPerSecond + stamp.tv_nsec;
    }
    return Nanoseconds(CLOCK_REALTIME);
  }

  const Terms& terms_;
  int epoll_;
  mmsghdr batch_[kBatch]{};
  iovec parts_[kBatch]{};
  uint8_t heads_[kBatch][64];
  alignas(cmsghdr) uint8_t facts_[kBatch][64];
};

// Keeps all but one packet in so many from the sink: its own cost would be the limit otherwise.
void Thin(int fd, int sample) {
  if (sample == 1) return;
  // The low half of the mark's number, little-endian: its first byte.
  sock_filter code[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, kHeaderBytes + 8 + sizeof(uint64_t)},
                        {BPF_ALU | BPF_AND | BPF_K, 0, 0, static_cast<uint32_t>(sample - 1)},
                        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0},
                        {BPF_RET | BPF_K, 0, 0, 0xffff},
                        {BPF_RET | BPF_K, 0, 0, 0}};
  // Socket filters of UDP see its header too.
  const sock_fprog program = {sizeof code / sizeof *code, code};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) Fail("filter");
}

void OpenStreams(const Terms& terms) {
  streams.resize(static_cast<size_t>(terms.streams));
  const int on = 1;
  for (int number = 0; number < terms.streams; number++) {
    Stream& stream = streams[static_cast<size_t>(number)];
    int port;
    if (scanf("%d", &port) != 1) {
      fprintf(stderr, "no port for stream %d\n", number);
      exit(1);
    }
    stream.to = Loopback(port);
    const bool shared = terms.one_source && number > 0;
    stream.source = shared ? streams[0].source : OpenUdp(terms.source_port + number, 1 << 16);
    stream.sink = OpenUdp(terms.sink_port + number, terms.streams == 1 ? kSinkBytesOne : kSinkBytesMany);
    setsockopt(stream.sink, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    Thin(stream.sink, terms.sample);
  }
}

Usage UsageOf(int pid) {
  Usage usage{};
  clockid_t clock;
  if (pid > 0 && clock_getcpuclockid(pid, &clock) == 0) usage.cpu_ns = Nanoseconds(clock);
  char path[64], text[1024] = {};
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE* file = fopen(path, "r");
  if (file == nullptr) return usage;
  const size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  const char* rest = strrchr(text, ')');
  unsigned long user = 0, system = 0;
  if (rest != nullptr && sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) == 2) {
    usage.user_ticks = user;
    usage.system_ticks = system;
  }
  return usage;
}

}  // namespace

int main(int count, char** words) {
  const Options options(count, words);
  const Terms terms = {options.Int("--streams", 1),
                       options.Number("--rate", 50),
                       options.Int("--bytes", 172),
                       options.Int("--payload-type", 0),
                       options.Number("--clock-rate", 8'000),
                       options.Number("--seconds", 5),
                       options.Number("--warm-up", 1),
                       options.Int("--source-port", 30'000),
                       options.Int("--sink-port", 42'000),
                       options.Int("--one-source", 0) != 0,
                       options.Int("--sample", 1),
                       options.Int("--core", -1),
                       options.Int("--pid", 0)};
  if (terms.bytes < kHeaderBytes + static_cast<int>(sizeof(Mark)) || terms.streams < 1) {
    fprintf(stderr, "load: at least one stream, of packets of at least %zu bytes\n", kHeaderBytes + sizeof(Mark));
    return 2;
  }
  OpenStreams(terms);
  Sink sink(terms);
  Sender sender(terms);
  std::thread sinks([&] { sink.Run(); });
  std::thread sends([&] { sender.Run(); });
  SleepFor(static_cast<int64_t>(terms.warm_up * 1e9));
  const Usage before = UsageOf(terms.pid);
  const uint64_t sent_before = sent, received_before = received;
  const int64_t began = Nanoseconds(CLOCK_MONOTONIC);
  steady = true;
  SleepFor(static_cast<int64_t>(terms.seconds * 1e9));
  steady = false;
  const Usage after = UsageOf(terms.pid);
  const double seconds = static_cast<double>(Nanoseconds(CLOCK_MONOTONIC) - began) / 1e9;
  const auto sample = static_cast<uint64_t>(terms.sample);
  const auto sent_steady = static_cast<double>(sent - sent_before);
  const auto passed = static_cast<double>((received - received_before) * sample);
  sending = false;
  sends.join();
  uint64_t seen = 0;
  for (int drains = 0; drains < kDrainsMax && seen != received; drains++) {
    seen = received;
    SleepFor(kDrainNs);
  }
  sinking = false;
  sinks.join();
  const uint64_t looked_for = sample == 1 ? sent.load() : sent_sampled.load();
  const double ticks = static_cast<double>(after.user_ticks - before.user_ticks + after.system_ticks - before.system_ticks);
  printf(
      "{\"sent\":%llu,\"received\":%llu,\"looked_for\":%llu,\"out_of_order\":%llu,\"failed\":%llu,\"skipped\":%llu,"
      "\"seconds\":%.3f,\"sent_per_second\":%.0f,\"received_per_second\":%.0f,"
      "\"cpu_ns\":%lld,\"packets\":%.0f,\"system_share\":%.3f,"
      "\"p50\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%.0f}\n",
      static_cast<unsigned long long>(sent), static_cast<unsigned long long>(received),
      static_cast<unsigned long long>(looked_for), static_cast<unsigned long long>(out_of_order),
      static_cast<unsigned long long>(failed), static_cast<unsigned long long>(skipped), seconds, sent_steady / seconds,
      passed / seconds, static_cast<long long>(after.cpu_ns - before.cpu_ns), passed,
      ticks > 0 ? static_cast<double>(after.system_ticks - before.system_ticks) / ticks : 0, latency.Micros(0.5),
      latency.Micros(0.99), latency.Micros(0.999), latency.MaxMicros());
  return 0;
}

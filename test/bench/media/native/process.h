// What the benchmark's programs have in common: options, clocks, a core of their own, sockets.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

constexpr int64_t kNsPerSecond = 1'000'000'000;
// As rtpengine and the plane have it too, when started by root: so that what else runs is no part of the comparison.
constexpr int kNice = -10;
constexpr int kSendBufferBytes = 4 << 20;

// `--name value` pairs.
class Options {
 public:
  Options(int count, char** words) {
    for (int at = 1; at + 1 < count; at += 2) values_[words[at]] = words[at + 1];
  }

  double Number(const char* name, double otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : atof(found->second.c_str());
  }
  int Int(const char* name, int otherwise) const { return static_cast<int>(Number(name, otherwise)); }
  const char* Text(const char* name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : found->second.c_str();
  }

 private:
  std::map<std::string, std::string> values_;
};

[[noreturn]] inline void Fail(const char* what) {
  perror(what);
  exit(1);
}

inline int64_t Nanoseconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * kNsPerSecond + time.tv_nsec;
}

inline void SleepUntil(int64_t monotonic_ns) {
  const timespec at = {monotonic_ns / kNsPerSecond, monotonic_ns % kNsPerSecond};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

inline void SleepFor(int64_t ns) { SleepUntil(Nanoseconds(CLOCK_MONOTONIC) + ns); }

// This thread on one core (less than 0: on any), with timers that are on time.
inline void Settle(int core) {
  prctl(PR_SET_TIMERSLACK, 1);
  setpriority(PRIO_PROCESS, 0, kNice);
  if (core < 0) return;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

inline sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Beyond the system's limit where that is allowed.
inline void SetBuffer(int fd, int force, int option, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof bytes) != 0)
    setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof bytes);
}

inline int OpenUdp(int port, int receive_bytes) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (fd < 0) Fail("socket");
  SetBuffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, receive_bytes);
  SetBuffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, kSendBufferBytes);
  const sockaddr_in address = Loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Fail("bind");
  return fd;
}

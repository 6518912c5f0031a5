// Time of a turn: read once, so that all datagrams of a turn are placed on the clock of JavaScript alike; and again for one that came
// since then, while those before it were read.
#pragma once

#include <time.h>

#include <cstdint>

namespace midcall {

class TurnClock {
 public:
  // `origin_ms`: what JavaScript's clock says when the monotonic clock is zero.
  explicit TurnClock(double origin_ms) : origin_ms_(origin_ms) { Read(); }

  static int64_t MonotonicNs() { return Nanoseconds(CLOCK_MONOTONIC); }

  // Reads both clocks: now.
  void Read() {
    now_ms_ = origin_ms_ + static_cast<double>(MonotonicNs()) / 1e6;
    calendar_ns_ = Nanoseconds(CLOCK_REALTIME);
  }

  double now_ms() const { return now_ms_; }

  // When a datagram came that the kernel stamped with its calendar; never later than now. A calendar that was set meanwhile can't
  // be believed: the datagram then came just now.
  double Arrival(const timespec& stamp) {
    const int64_t stamp_ns = Nanoseconds(stamp);
    if (stamp_ns > calendar_ns_) Read();
    const int64_t age_ns = calendar_ns_ - stamp_ns;
    if (age_ns < 0 || age_ns > kAgeMaxNs) return now_ms_;
    return now_ms_ - static_cast<double>(age_ns) / 1e6;
  }

 private:
  // Longer than a datagram can wait in a receive buffer while we still run at all.
  static constexpr int64_t kAgeMaxNs = 10'000'000'000;

  static int64_t Nanoseconds(const timespec& time) {
    return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  }
  static int64_t Nanoseconds(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return Nanoseconds(time);
  }

  double origin_ms_;
  double now_ms_ = 0;
  int64_t calendar_ns_ = 0;
};

}  // namespace midcall

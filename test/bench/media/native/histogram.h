// Durations from nanoseconds to hours in buckets of 3 %, of a fixed size however many there are.
#pragma once

#include <array>
#include <cstdint>

class Histogram {
 public:
  void Add(int64_t ns) {
    counts_[Place(ns < 0 ? 0 : static_cast<uint64_t>(ns))]++;
    total_++;
    if (ns > longest_) longest_ = ns;
  }

  // The duration below which this part of all lie, in microseconds.
  double Micros(double part) const {
    const auto wanted = static_cast<uint64_t>(static_cast<double>(total_) * part);
    uint64_t seen = 0;
    for (uint32_t place = 0; place < counts_.size(); place++) {
      seen += counts_[place];
      if (seen > wanted) return Value(place) / 1e3;
    }
    return static_cast<double>(longest_) / 1e3;
  }

  double MaxMicros() const { return static_cast<double>(longest_) / 1e3; }

 private:
  // Each power of two is cut into 32.
  static constexpr uint32_t kParts = 32;
  static constexpr uint32_t kPartBits = 5;

  static uint32_t Place(uint64_t ns) {
    if (ns < kParts) return static_cast<uint32_t>(ns);
    const auto power = static_cast<uint32_t>(63 - __builtin_clzll(ns));
    return (power - kPartBits + 1) * kParts + static_cast<uint32_t>((ns >> (power - kPartBits)) & (kParts - 1));
  }

  static double Value(uint32_t place) {
    if (place < kParts) return place;
    const uint32_t power = place / kParts + kPartBits - 1;
    return static_cast<double>((uint64_t{1} << power) + (uint64_t{place % kParts} << (power - kPartBits)));
  }

  std::array<uint64_t, kParts * 60> counts_{};
  uint64_t total_ = 0;
  int64_t longest_ = 0;
};

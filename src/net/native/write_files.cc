#include "write_files.h"

#include <errno.h>
#include <unistd.h>

#include <vector>

namespace midcall {
namespace {

struct Piece {
  int fd;
  const uint8_t* bytes;
  size_t length;
  off_t position;
};

int32_t WriteOne(const Piece& piece) {
  for (;;) {
    const ssize_t written = pwrite(piece.fd, piece.bytes, piece.length, piece.position);
    if (written >= 0) return static_cast<int32_t>(written);
    if (errno != EINTR) return -errno;
  }
}

// Deletes itself when it is done.
class Writes final : public Napi::AsyncWorker {
 public:
  Writes(Napi::Env env, const Napi::Array& fds, const Napi::Array& pieces, const Napi::Array& positions)
      : Napi::AsyncWorker(env, "midcall.write"), promised_(env), pieces_(Napi::Persistent(pieces)) {
    const uint32_t count = pieces.Length();
    writes_.reserve(count);
    for (uint32_t at = 0; at < count; at++) {
      Napi::HandleScope scope(env);
      const auto bytes = Napi::Value(pieces[at]).As<Napi::Uint8Array>();
      writes_.push_back({Napi::Value(fds[at]).As<Napi::Number>().Int32Value(), bytes.Data(), bytes.ElementLength(),
                         Napi::Value(positions[at]).As<Napi::Number>().Int64Value()});
    }
    results_.resize(count);
  }

  Napi::Promise Promise() const { return promised_.Promise(); }

 private:
  // In a thread of libuv's pool.
  void Execute() override {
    for (size_t at = 0; at < writes_.size(); at++) results_[at] = WriteOne(writes_[at]);
  }

  void OnOK() override {
    auto results = Napi::Int32Array::New(Env(), results_.size());
    for (size_t at = 0; at < results_.size(); at++) results[at] = results_[at];
    promised_.Resolve(results);
  }

  Napi::Promise::Deferred promised_;
  // Keeps what is being written from being collected.
  Napi::Reference<Napi::Array> pieces_;
  std::vector<Piece> writes_;
  std::vector<int32_t> results_;
};

}  // namespace

Napi::Value WriteFiles(const Napi::CallbackInfo& info) {
  auto* writes =
      new Writes(info.Env(), info[0].As<Napi::Array>(), info[1].As<Napi::Array>(), info[2].As<Napi::Array>());
  const Napi::Promise promise = writes->Promise();
  writes->Queue();
  return promise;
}

}  // namespace midcall

#include "write_pieces.h"

#include <errno.h>
#include <unistd.h>

#include <vector>

namespace midcall {
namespace {

// Numbers of a piece, in the array that JavaScript hands over.
enum Field : uint32_t { kFd, kOffset, kLength, kPosition, kDurable, kFields };

// Fewer than this are synced one by one: each costs a commit of the file system's journal, a group costs one in all.
constexpr size_t kGroupMin = 3;

struct Piece {
  int fd;
  const uint8_t* bytes;
  size_t length;
  off_t position;
  bool durable;
  // 0, or a negative errno.
  int32_t error;
};

void WriteOne(Piece* piece) {
  for (size_t done = 0; done < piece->length;) {
    const auto at = piece->position + static_cast<off_t>(done);
    const ssize_t written = pwrite(piece->fd, piece->bytes + done, piece->length - done, at);
    if (written > 0) {
      done += static_cast<size_t>(written);
    } else if (written == 0 || errno != EINTR) {
      piece->error = written == 0 ? -EIO : -errno;
      return;
    }
  }
}

// Deletes itself when it is done.
class Writes final : public Napi::AsyncWorker {
 public:
  Writes(Napi::Env env, const Napi::Float64Array& numbers, const Napi::Array& buffers)
      : Napi::AsyncWorker(env, "midcall.write"), promised_(env), buffers_(Napi::Persistent(buffers)) {
    const uint32_t count = buffers.Length();
    pieces_.reserve(count);
    for (uint32_t at = 0; at < count && (at + 1) * kFields <= numbers.ElementLength(); at++) {
      Napi::HandleScope scope(env);
      const auto bytes = Napi::Value(buffers[at]).As<Napi::Uint8Array>();
      const double* of = numbers.Data() + at * kFields;
      const auto offset = static_cast<size_t>(of[kOffset]);
      const auto length = static_cast<size_t>(of[kLength]);
      const size_t size = bytes.ElementLength();
      const int32_t error = offset > size || length > size - offset ? -EFAULT : 0;
      pieces_.push_back({static_cast<int>(of[kFd]), error == 0 ? bytes.Data() + offset : nullptr,
                         error == 0 ? length : 0, static_cast<off_t>(of[kPosition]), of[kDurable] != 0, error});
    }
  }

  Napi::Promise Promise() const { return promised_.Promise(); }

 private:
  // In a thread of libuv's pool.
  void Execute() override {
    size_t durable = 0;
    for (Piece& piece : pieces_) {
      if (piece.error == 0) WriteOne(&piece);
      if (piece.durable && piece.error == 0) durable++;
    }
    if (durable > 0 && (durable < kGroupMin || !SyncTogether())) SyncEach();
  }

  // They lie in one folder. Returns false when it can't be done, or was not: only a file of its own can say whether its bytes are safe.
  bool SyncTogether() const {
    for (const Piece& piece : pieces_)
      if (piece.durable && piece.error == 0) return syncfs(piece.fd) == 0;
    return true;
  }

  void SyncEach() {
    for (Piece& piece : pieces_)
      if (piece.durable && piece.error == 0 && fdatasync(piece.fd) != 0) piece.error = -errno;
  }

  void OnOK() override {
    auto errors = Napi::Int32Array::New(Env(), pieces_.size());
    for (size_t at = 0; at < pieces_.size(); at++) errors[at] = pieces_[at].error;
    promised_.Resolve(errors);
  }

  Napi::Promise::Deferred promised_;
  // Keeps what is being written from being collected.
  Napi::Reference<Napi::Array> buffers_;
  std::vector<Piece> pieces_;
};

}  // namespace

Napi::Value WritePieces(const Napi::CallbackInfo& info) {
  auto* writes = new Writes(info.Env(), info[0].As<Napi::Float64Array>(), info[1].As<Napi::Array>());
  const Napi::Promise promise = writes->Promise();
  writes->Queue();
  return promise;
}

}  // namespace midcall

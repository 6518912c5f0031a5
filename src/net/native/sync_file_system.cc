#include "sync_file_system.h"

#include <errno.h>
#include <unistd.h>

namespace midcall {
namespace {

// Deletes itself when it is done.
class Sync final : public Napi::AsyncWorker {
 public:
  Sync(Napi::Env env, int fd) : Napi::AsyncWorker(env, "midcall.syncfs"), promised_(env), fd_(fd) {}

  Napi::Promise Promise() const { return promised_.Promise(); }

 private:
  // In a thread of libuv's pool.
  void Execute() override {
    if (syncfs(fd_) != 0) result_ = -errno;
  }

  void OnOK() override { promised_.Resolve(Napi::Number::New(Env(), result_)); }

  Napi::Promise::Deferred promised_;
  int fd_;
  int result_ = 0;
};

}  // namespace

Napi::Value SyncFileSystem(const Napi::CallbackInfo& info) {
  auto* sync = new Sync(info.Env(), info[0].As<Napi::Number>().Int32Value());
  const Napi::Promise promise = sync->Promise();
  sync->Queue();
  return promise;
}

}  // namespace midcall

// The addon's face to JavaScript: one class, and four functions. They throw nothing: what the kernel refuses is a negative errno, and arguments are
// checked where they are made, in src/net/udp-native.ts.
#include <errno.h>
#include <napi.h>
#include <time.h>
#include <uv.h>

#include <algorithm>
#include <string>

#include "backend.h"
#include "copy_bytes.h"
#include "seal_record.h"
#include "write_pieces.h"

namespace midcall {
namespace {

constexpr double kNsPerMs = 1e6;
constexpr int64_t kNsPerMicro = 1'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;

class Sockets : public Napi::ObjectWrap<Sockets> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("Sockets", DefineClass(env, "Sockets",
                                       {
                                           InstanceMethod<&Sockets::Start>("start"),
                                           InstanceMethod<&Sockets::Open>("open"),
                                           InstanceMethod<&Sockets::Connect>("connect"),
                                           InstanceMethod<&Sockets::Close>("close"),
                                           InstanceMethod<&Sockets::Wait>("wait"),
                                           InstanceMethod<&Sockets::Flush>("flush"),
                                           InstanceMethod<&Sockets::Stop>("stop"),
                                       }));
  }

  // new Sockets(memory, limits): `memory` holds the typed arrays that both sides share, `limits` the numbers.
  explicit Sockets(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<Sockets>(info), shared_{{}, {}, nullptr, nullptr, nullptr, 0, {}, -1, TurnClock(0)} {
    const Napi::Object memory = info[0].As<Napi::Object>();
    const Napi::Object limits = info[1].As<Napi::Object>();
    // The arrays live as long as we do: C++ keeps only their addresses.
    memory_ = Napi::Persistent(memory);
    UseReceived(memory.Get("received").As<Napi::Object>(), limits);
    UseOutgoing(memory.Get("outgoing").As<Napi::Object>(), limits);
    shared_.counters = Array<Napi::Float64Array>(memory, "counters").Data();
    shared_.turn = Array<Napi::Float64Array>(memory, "turn").Data();
    auto errors = Array<Napi::Int32Array>(memory, "errors");
    shared_.errors = errors.Data();
    shared_.errors_max = static_cast<uint32_t>(errors.ElementLength());
    shared_.sockets.resize(Number(limits, "sockets"));
    shared_.clock = TurnClock(limits.Get("originMs").As<Napi::Number>().DoubleValue());
    buffer_bytes_ = static_cast<int>(Number(limits, "bufferBytes"));
    tos_ = static_cast<int>(Number(limits, "tos"));
    gap_ns_ = int64_t{Number(limits, "gapMicros")} * kNsPerMicro;
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(info.Env(), &loop);
    shared_.loop_fd = uv_backend_fd(loop);
  }

 private:
  // start('epoll' | 'io_uring'): 0, or why it can't be had here.
  Napi::Value Start(const Napi::CallbackInfo& info) {
    const bool uring = info[0].As<Napi::String>().Utf8Value() == "io_uring";
    int error = 0;
    backend_ = uring ? MakeUringBackend(&shared_, &error) : MakeEpollBackend(&shared_, &error);
    return Result(info, backend_ == nullptr ? -error : 0);
  }

  // open(number, address, port)
  Napi::Value Open(const Napi::CallbackInfo& info) {
    const uint32_t number = info[0].As<Napi::Number>().Uint32Value();
    if (backend_ == nullptr || number >= shared_.sockets.size() || Find(number) != nullptr)
      return Result(info, -EINVAL);
    const std::string address = info[1].As<Napi::String>().Utf8Value();
    const auto port = static_cast<uint16_t>(info[2].As<Napi::Number>().Uint32Value());
    auto socket = std::make_unique<DatagramSocket>();
    socket->number = number;
    const int opened = OpenSocket({address.c_str(), port, buffer_bytes_, tos_}, socket.get());
    if (opened != 0) return Result(info, opened);
    const int fd = socket->fd;
    const int added = backend_->Add(std::move(socket));
    if (added != 0) ::close(fd);
    return Result(info, added);
  }

  // connect(number, words, port), or connect(number) to be open to all again
  Napi::Value Connect(const Napi::CallbackInfo& info) {
    DatagramSocket* socket = Find(info[0].As<Napi::Number>().Uint32Value());
    if (socket == nullptr) return Result(info, -EBADF);
    if (info.Length() < 3) return Result(info, ConnectSocket(socket, nullptr, 0));
    const auto words = info[1].As<Napi::Uint32Array>();
    if (words.ElementLength() < 4) return Result(info, -EINVAL);
    const auto port = static_cast<uint16_t>(info[2].As<Napi::Number>().Uint32Value());
    return Result(info, ConnectSocket(socket, words.Data(), port));
  }

  // close(number)
  void Close(const Napi::CallbackInfo& info) {
    DatagramSocket* socket = Find(info[0].As<Napi::Number>().Uint32Value());
    if (socket != nullptr) backend_->Remove(socket);
  }

  // wait(timeoutMs): how many datagrams there are; also comes back when libuv has work. Less than zero waits for ever.
  Napi::Value Wait(const Napi::CallbackInfo& info) {
    if (backend_ == nullptr) return Result(info, 0);
    const double timeout_ms = info[0].As<Napi::Number>().DoubleValue();
    int64_t timeout_ns = timeout_ms < 0 ? -1 : static_cast<int64_t>(timeout_ms * kNsPerMs);
    shared_.turn[kErrors] = 0;
    shared_.turn[kLoopReady] = 0;
    if (timeout_ns != 0) timeout_ns = Gather(timeout_ns);
    const uint32_t count = backend_->Wait(timeout_ns);
    shared_.turn[kNow] = shared_.clock.now_ms();
    waited_at_ns_ = TurnClock::MonotonicNs();
    return Result(info, static_cast<int>(count));
  }

  // flush(count): sends the first datagrams of the queue.
  void Flush(const Napi::CallbackInfo& info) {
    shared_.turn[kErrors] = 0;
    const uint32_t count = info[0].As<Napi::Number>().Uint32Value();
    if (backend_ != nullptr) backend_->Send(std::min(count, shared_.outgoing.capacity));
  }

  // stop(): closes all.
  void Stop(const Napi::CallbackInfo&) {
    if (backend_ != nullptr) backend_->RemoveAll();
  }

  // Under load, turns that follow each other at once carry a datagram each, and each costs a wake-up. So at least this long lies
  // between two turns; a datagram that comes after a pause is not held up. Returns what is left of the timeout.
  int64_t Gather(int64_t timeout_ns) {
    const int64_t since = TurnClock::MonotonicNs() - waited_at_ns_;
    int64_t gap = gap_ns_ - since;
    if (timeout_ns > 0) gap = std::min(gap, timeout_ns);
    if (gap <= 0) return timeout_ns;
    const timespec pause = {gap / kNsPerSecond, gap % kNsPerSecond};
    nanosleep(&pause, nullptr);
    return timeout_ns < 0 ? timeout_ns : timeout_ns - gap;
  }

  DatagramSocket* Find(uint32_t number) const {
    return number < shared_.sockets.size() ? shared_.sockets[number] : nullptr;
  }

  void UseReceived(const Napi::Object& from, const Napi::Object& limits) {
    Received& into = shared_.received;
    into.slab = Array<Napi::Uint8Array>(from, "slab").Data();
    into.capacity = static_cast<uint32_t>(Array<Napi::Uint32Array>(from, "socket").ElementLength());
    into.stride = Number(limits, "stride");
    into.socket = Array<Napi::Uint32Array>(from, "socket").Data();
    into.offset = Array<Napi::Uint32Array>(from, "offset").Data();
    into.length = Array<Napi::Uint32Array>(from, "length").Data();
    into.source_address = Array<Napi::Uint32Array>(from, "sourceAddress").Data();
    into.source_port = Array<Napi::Uint16Array>(from, "sourcePort").Data();
    into.arrivals = Array<Napi::Float64Array>(from, "arrivals").Data();
    into.drops = Array<Napi::Uint32Array>(from, "drops").Data();
    into.tos = Array<Napi::Uint8Array>(from, "tos").Data();
  }

  void UseOutgoing(const Napi::Object& from, const Napi::Object&) {
    Outgoing& out = shared_.outgoing;
    const auto own = Array<Napi::Uint8Array>(from, "slab");
    const auto received = Array<Napi::Uint8Array>(from, "receivedSlab");
    out.capacity = static_cast<uint32_t>(Array<Napi::Uint32Array>(from, "socket").ElementLength());
    out.socket = Array<Napi::Uint32Array>(from, "socket").Data();
    out.offset = Array<Napi::Uint32Array>(from, "offset").Data();
    out.length = Array<Napi::Uint32Array>(from, "length").Data();
    out.address = Array<Napi::Uint32Array>(from, "address").Data();
    out.port = Array<Napi::Uint16Array>(from, "port").Data();
    out.source = Array<Napi::Uint8Array>(from, "source").Data();
    out.slabs[0] = own.Data();
    out.slab_lengths[0] = own.ElementLength();
    out.slabs[1] = received.Data();
    out.slab_lengths[1] = received.ElementLength();
  }

  template <typename T>
  static T Array(const Napi::Object& from, const char* name) {
    return from.Get(name).As<T>();
  }

  static uint32_t Number(const Napi::Object& from, const char* name) {
    return from.Get(name).As<Napi::Number>().Uint32Value();
  }

  static Napi::Value Result(const Napi::CallbackInfo& info, int value) { return Napi::Number::New(info.Env(), value); }

  Napi::ObjectReference memory_;
  Shared shared_;
  std::unique_ptr<Backend> backend_;
  int buffer_bytes_ = 0;
  int tos_ = 0;
  // Least time between two turns.
  int64_t gap_ns_ = 0;
  // When the last turn began.
  int64_t waited_at_ns_ = 0;
};

// Called for each packet: without the wrapping of node-addon-api.
void SetPlain(Napi::Env env, Napi::Object exports, const char* name, napi_callback call) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function);
  exports.Set(name, function);
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  Sockets::Define(env, exports);
  SetPlain(env, exports, "copyBytes", CopyBytes);
  SetPlain(env, exports, "sealRecord", SealRecord);
  exports.Set("writePieces", Napi::Function::New<WritePieces>(env, "writePieces"));
  return exports;
}

NODE_API_MODULE(midcall_udp, Initialize)

}  // namespace
}  // namespace midcall

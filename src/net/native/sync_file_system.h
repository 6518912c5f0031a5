// syncfs(2) off the thread: one for all spools, where Node offers only fdatasync for each.
#pragma once

#include <napi.h>

namespace midcall {

// syncFileSystem(fd): resolves to 0 when all that was written to the file system of `fd` before is durable, else to a negative
// errno. Linux tells of a failed write-back to every such fd once.
Napi::Value SyncFileSystem(const Napi::CallbackInfo& info);

}  // namespace midcall

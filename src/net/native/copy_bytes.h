// memcpy between typed arrays: JavaScript can only copy a part of one by making a view of it, which is garbage afterwards.
#pragma once

#include <node_api.h>

namespace midcall {

// copyBytes(from, start, end, into, at). Does nothing where a range is not inside its array. In plain Node-API, since it is called
// for each packet and wrappers would double what it costs.
napi_value CopyBytes(napi_env env, napi_callback_info info);

}  // namespace midcall

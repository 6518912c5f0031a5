{
  'targets': [
    {
      'target_name': 'midcall_udp',
      'sources': [
        'addon.cc',
        'backend.cc',
        'byte_range.cc',
        'copy_bytes.cc',
        'crc32c.cc',
        'datagram_socket.cc',
        'epoll_backend.cc',
        'ring.cc',
        'seal_record.cc',
        'uring_backend.cc',
        'write_pieces.cc',
      ],
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")"],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS'],
      'cflags': ['-Wall', '-Wextra'],
    },
  ],
}

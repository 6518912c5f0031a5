/** An SDP of the given lines, after the session's own. */
export const sdpText = (...lines: readonly string[]): string =>
  [
    'v=0',
    'o=phone 1 1 IN IP4 198.51.100.7',
    's=-',
    'c=IN IP4 198.51.100.7',
    't=0 0',
    ...lines,
    '',
  ].join('\r\n');

/** An offer of a file, by its sender or to its receiver. */
export const fileOffer = (direction: 'sendonly' | 'recvonly'): string =>
  sdpText(
    'm=application 41000 RTP/AVPF 96',
    'a=rtpmap:96 octet-stream/90000',
    'a=rtcp-fb:96 nack',
    `a=${direction}`,
  );

/** An offer of a voice stream. */
export const voiceOffer = (direction: 'sendonly' | 'recvonly', encoding = 'PCMA'): string =>
  encoding === 'PCMA'
    ? sdpText('m=audio 42000 RTP/AVP 8', `a=${direction}`)
    : sdpText('m=audio 42000 RTP/AVP 97', `a=rtpmap:97 ${encoding}/8000`, `a=${direction}`);

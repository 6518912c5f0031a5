import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { Container } from './container.ts';
import { opusContainer } from './ogg-opus.ts';
import { pcapContainer } from './pcap.ts';
import { wavContainer } from './wav.ts';

/** By encoding name in lower case (RFC 8866 §6.6: names are case-insensitive). */
const CONTAINERS: Readonly<Record<string, (format: PayloadFormat) => Container>> = {
  pcmu: wavContainer,
  pcma: wavContainer,
  l16: wavContainer,
  opus: opusContainer,
};

/** What has no container yet keeps its packets: any tool can turn those into something later. */
export function containerOf(format: PayloadFormat): Container {
  const make = CONTAINERS[format.encoding.toLowerCase()] ?? pcapContainer;
  return make(format);
}

import { DgramSockets } from '../../src/net/udp-dgram.ts';
import { udpContract } from './udp.ts';

udpContract('udp-dgram', (clock, options) => new DgramSockets(clock, options));

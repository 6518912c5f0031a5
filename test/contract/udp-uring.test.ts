import { turningSockets } from '../support/native-sockets.ts';
import { udpContract } from './udp.ts';

udpContract('io_uring', (clock, options) => turningSockets('io_uring', clock, options));

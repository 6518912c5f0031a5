import { turningSockets } from '../support/native-sockets.ts';
import { udpContract } from './udp.ts';

udpContract('epoll', (clock, options) => turningSockets('epoll', clock, options));

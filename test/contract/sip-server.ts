import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import { probeInDialog } from './sip-server/in-dialog.ts';
import { Probe, type ProbedServer } from './sip-server/probe.ts';
import { probeSending } from './sip-server/sending.ts';
import { probeServing } from './sip-server/serving.ts';
import { probeSessions } from './sip-server/sessions.ts';

/**
 * What a SIP server for drachtio-srf does (docs/drachtio-wire-protocol.md): seen from outside, by messages and frames
 * that are text, whoever made the server.
 */
export function probeSipServer(start: () => Promise<ProbedServer>): void {
  let server: ProbedServer;
  let probe: Probe;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(async () => {
    probe = await Probe.begin(server);
  });
  afterEach(() => probe.end());
  afterAll(() => server.close());

  describe('control connections', () => probeSessions(() => probe));
  describe('requests of phones', () => probeServing(() => probe));
  describe('requests of the application', () => probeSending(() => probe));
  describe('inside dialogs', () => probeInDialog(() => probe));
}

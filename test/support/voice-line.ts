import type { Address } from '../../src/base/address.ts';
import type { KeySaying } from '../../src/incall/key-reader.ts';
import type { StarCodes } from '../../src/incall/star-codes.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import type { PayloadFormat } from '../../src/rtp/payload-format.ts';
import type { PromptAudio } from '../../src/transfers/media-plane.ts';
import { MediaRig } from './media-rig.ts';

export const CALLER: Address = { address: '192.0.2.1', port: 4_000 };
export const CALLEE: Address = { address: '192.0.2.2', port: 6_000 };
const CODES: StarCodes = { store: '*1', send: '*2', play: '*3', cancel: '*0' };

const audio = (payloadType: number, encoding: string, clockRate = 8_000): PayloadFormat => ({
  payloadType,
  encoding,
  clockRate,
  channels: encoding === 'opus' ? 2 : 1,
});
/** What both phones take. */
export const FORMATS: readonly PayloadFormat[] = [
  audio(0, 'PCMU'),
  audio(8, 'PCMA'),
  audio(96, 'opus', 48_000),
  audio(9, 'G722'),
  audio(101, 'telephone-event'),
];

/** A packet that came out on the other side. */
export interface Passed {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** One voice line through the media plane, on a fake network and clock. */
export class VoiceLine {
  readonly rig = new MediaRig();
  #ports = { caller: 0, callee: 0 };

  /** @param formats that the caller takes, if its packets are looked into; the callee takes all. */
  static async open(formats: readonly PayloadFormat[] | undefined = FORMATS): Promise<VoiceLine> {
    const line = new VoiceLine();
    const { plane } = line.rig;
    const ports = await plane.openRelay('c.0');
    line.#ports = { caller: ports.caller.rtp, callee: ports.callee.rtp };
    const at = ({ address, port }: Address) => ({
      rtp: { address, port },
      rtcp: { address, port: port + 1 },
    });
    await plane.setRelayRemote('c.0', 'caller', at(CALLER));
    await plane.setRelayRemote('c.0', 'callee', at(CALLEE));
    if (formats.length === 0) return line;
    await plane.setRelayVoice('c.0', 'caller', { formats, codes: CODES });
    await plane.setRelayVoice('c.0', 'callee', { formats: FORMATS, codes: CODES });
    return line;
  }

  fromCaller(...packets: readonly Uint8Array[]): void {
    for (const packet of packets) this.rig.arrive(this.#ports.caller, CALLER, packet);
  }

  fromCallee(...packets: readonly Uint8Array[]): void {
    for (const packet of packets) this.rig.arrive(this.#ports.callee, CALLEE, packet);
  }

  prompt(spoken: PromptAudio): Promise<boolean> {
    return this.rig.plane.playPrompt('c.0', 'caller', spoken);
  }

  /** What the caller has been sent since. */
  toCaller(): readonly Passed[] {
    return this.#taken(CALLER);
  }

  toCallee(): readonly Passed[] {
    return this.#taken(CALLEE);
  }

  /** What was typed, by whom. */
  said(): readonly KeySaying[] {
    return this.rig.ofType('keys').map(({ saying }) => saying);
  }

  #taken(phone: Address): readonly Passed[] {
    return this.rig.sentTo(phone).map(({ at, bytes }) => {
      const view = new RtpView();
      parseRtp(bytes, bytes.length, view);
      const { payloadType, marker, sequence, timestamp, ssrc } = view;
      const payload = bytes.subarray(view.payloadStart, view.payloadEnd);
      return { at, bytes, payload, payloadType, marker, sequence, timestamp, ssrc };
    });
  }
}

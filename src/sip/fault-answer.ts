import type { EnvelopeFault } from './envelope.ts';
import type { ParseFault } from './message-parser.ts';
import { isRegisteredMethod } from './objection.ts';
import type { Status } from './status.ts';

/** What a request with a fault is answered. */
export interface FaultAnswer {
  readonly status: Status;
  /** Says what is wrong, in words of ours: nothing of the request is repeated (RFC 3261 §21.4.1). */
  readonly reason: string;
}

const bad = (reason: string): FaultAnswer => ({ status: 400, reason });
const tooLarge = (reason: string): FaultAnswer => ({ status: 513, reason });

/** One row for each fault that the parser and the envelope know. */
export const FAULT_ANSWER: Readonly<Record<ParseFault | EnvelopeFault, FaultAnswer>> = {
  'no-header-end': bad('No Empty Line After the Headers'),
  'head-too-long': tooLarge('Headers Too Long'),
  'bad-line-end': bad('Control Character in a Header'),
  'bad-start-line': bad('Malformed Request-Line'),
  'bad-header': bad('Malformed Header Line'),
  'too-many-headers': tooLarge('Too Many Headers'),
  'bad-content-length': bad('Content-Length Malformed or Given Twice'),
  'body-short': bad('Body Shorter Than Content-Length'),
  'bad-via': bad('Via Malformed'),
  'bad-from': bad('From Missing, Malformed or Given Twice'),
  'bad-to': bad('To Missing, Malformed or Given Twice'),
  'bad-call-id': bad('Call-ID Missing, Malformed or Given Twice'),
  'bad-cseq': bad('CSeq Missing, Malformed, Given Twice or of Another Method'),
  'bad-version': { status: 505, reason: 'Version Not Supported' },
};

/** RFC 4475 §3.1.2.18: who does not know the method can't say what its CSeq should be. */
const UNKNOWN_METHOD: FaultAnswer = { status: 501, reason: 'Not Implemented' };

/** What is at fault in a request that could be parsed. */
export const answerTo = (method: string, fault: EnvelopeFault): FaultAnswer =>
  fault === 'bad-cseq' && !isRegisteredMethod(method) ? UNKNOWN_METHOD : FAULT_ANSWER[fault];

/** On a stream: without a length nobody knows where the next message starts (RFC 3261 §18.3). */
export const NO_LENGTH: FaultAnswer = bad('Content-Length Missing, Malformed or Given Twice');

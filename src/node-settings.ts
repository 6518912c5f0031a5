import type { Setting } from './setting.ts';
import { secretOf, whole } from './config-values.ts';

/** Settings of a platform that shares its state with others. */
export interface NodeConfig {
  readonly node: string;
  readonly nodeUri: string;
  readonly nodeSecret: string;
  readonly nodeLeaseSeconds: number;
}

const nodeName = (value: string): string | undefined =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value) ? value : undefined;

export const NODE_SETTINGS: { readonly [Key in keyof NodeConfig]: Setting<NodeConfig[Key]> } = {
  node: {
    name: 'MIDCALL_NODE',
    default: '',
    about:
      'Name among the platforms that share the state, where it finds its transfers after a restart; empty takes one that the data folder keeps.',
    parse: nodeName,
  },
  nodeUri: {
    name: 'MIDCALL_NODE_URI',
    default: '',
    about:
      'SIP URI at which the other nodes reach this one; empty is MIDCALL_SIP_HOST and the port, over TCP.',
    parse: (value) => (/^sips?:[^\s<>"]{1,255}$/.test(value) ? value : undefined),
  },
  nodeSecret: {
    name: 'MIDCALL_NODE_SECRET',
    default: '',
    about:
      'Signs what nodes say to each other, 32 characters or more, the same on all of them; empty: this one speaks with none.',
    parse: secretOf(32),
    secret: true,
  },
  nodeLeaseSeconds: {
    name: 'MIDCALL_NODE_LEASE_SECONDS',
    default: '10',
    about: 'A node that is not heard of for this long counts as dead.',
    parse: whole(1, 3_600),
  },
};

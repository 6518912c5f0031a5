import type { Setting } from './setting.ts';

/** Settings of the events that somebody outside is told of. */
export interface WebhookConfig {
  /** Empty: there is nobody. */
  readonly webhookUrl: string;
  /** The old one and the new one, while one is replaced by the other. */
  readonly webhookSecret: '' | readonly string[];
}

const SECRETS_MAX = 2;
/** Shorter ones can be tried through. */
const SECRET_CHARACTERS_MIN = 16;

const webhookUrl = (value: string): string | undefined =>
  /^https?:/i.test(value) && URL.canParse(value) ? value : undefined;

const secrets = (value: string): readonly string[] | undefined => {
  const all = value.split(',').map((secret) => secret.trim());
  const isGood = all.every(({ length }) => length >= SECRET_CHARACTERS_MIN);
  return isGood && all.length <= SECRETS_MAX ? all : undefined;
};

export const WEBHOOK_SETTINGS: {
  readonly [Key in keyof WebhookConfig]: Setting<WebhookConfig[Key]>;
} = {
  webhookUrl: {
    name: 'MIDCALL_WEBHOOK_URL',
    default: '',
    about:
      '`http:` or `https:` address that is told of each transfer’s end and removal (docs/webhooks.md); empty for none.',
    parse: webhookUrl,
    secret: true,
  },
  webhookSecret: {
    name: 'MIDCALL_WEBHOOK_SECRET',
    default: '',
    about:
      'Signs these events, 16 characters or more, the same on all nodes; two with a comma between while one replaces the other.',
    parse: secrets,
    secret: true,
  },
};

import type { Config } from './config.ts';
import { shownBy } from './shown-numbers.ts';
import type { MailWriter } from './transfers/mail.ts';
import { mailWriter } from './webhooks/event.ts';
import type { WebhookSettings } from './webhooks/webhook-sender.ts';

/** @returns undefined when nobody is to be told: then no mail is written. */
export const mailWriterOf = (config: Config): MailWriter | undefined =>
  webhookSettings(config) === undefined ? undefined : mailWriter(shownBy(config));

/** @returns undefined when nobody is to be told. */
export const webhookSettings = ({
  webhookUrl: url,
  webhookSecret: secrets,
}: Config): WebhookSettings | undefined =>
  url === '' || secrets === '' ? undefined : { url, secrets };

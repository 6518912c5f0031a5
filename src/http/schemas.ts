/** Resources of the API that several routes speak of. Each becomes a component of the OpenAPI document. */
export const PROBLEM_SCHEMA = {
  $id: 'Problem',
  type: 'object',
  description: 'RFC 9457. Programs match on `code`.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'code'],
  additionalProperties: true,
} as const;

export const SESSION_SCHEMA = {
  $id: 'Session',
  type: 'object',
  properties: {
    account: { type: 'string' },
    domain: { type: 'string' },
    expiresAt: { type: 'string', format: 'date-time', description: 'Later, when it is used.' },
    token: { type: 'string', description: 'For the Authorization header.' },
  },
  required: ['account', 'expiresAt'],
} as const;

export const TRANSFER_PAGE_SCHEMA = {
  $id: 'TransferPage',
  type: 'object',
  properties: {
    transfers: { type: 'array', items: { $ref: 'Transfer#' } },
    cursor: { type: 'string', description: 'For the next page; absent on the last.' },
  },
  required: ['transfers'],
} as const;

export const USAGE_SCHEMA = {
  $id: 'Usage',
  type: 'object',
  properties: {
    space: { type: 'integer' },
    used: {
      type: 'integer',
      description: 'Held by what is stored, and reserved for what comes in.',
    },
    free: { type: 'integer' },
  },
  required: ['space', 'used', 'free'],
} as const;

export const LINK_SCHEMA = {
  $id: 'Link',
  type: 'object',
  properties: {
    url: { type: 'string', description: 'Relative to this server; needs no sign-in.' },
    expiresAt: { type: 'string', format: 'date-time' },
  },
  required: ['url', 'expiresAt'],
} as const;

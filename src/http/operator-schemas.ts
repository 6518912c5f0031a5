/** Resources of the operator's part of the API. */
export const OPERATOR_SCHEMAS = [
  {
    $id: 'Sample',
    type: 'object',
    properties: {
      at: { type: 'integer', description: 'Epoch ms.' },
      calls: { type: 'integer' },
      transfers: { type: 'integer', description: 'Not over.' },
      storedPerSecond: { type: 'integer', description: 'Bytes.' },
      deliveredPerSecond: { type: 'integer', description: 'Bytes.' },
      packetsInPerSecond: { type: 'integer' },
      packetsOutPerSecond: { type: 'integer' },
      loss: { type: 'number', description: 'Of the packets of transfers that come in: 0 to 1.' },
      backlogBytes: { type: 'integer', description: 'Over, and not in the object store yet.' },
    },
  },
  {
    $id: 'Status',
    type: 'object',
    properties: {
      startedAt: { type: 'string', format: 'date-time' },
      draining: { type: 'boolean' },
      now: { $ref: 'Sample#' },
      totals: {
        type: 'object',
        properties: {
          storedBytes: { type: 'integer' },
          deliveredBytes: { type: 'integer' },
          errors: { type: 'object', additionalProperties: { type: 'integer' } },
          ended: { type: 'object', additionalProperties: { type: 'integer' } },
          httpProblems: { type: 'object', additionalProperties: { type: 'integer' } },
          httpRequests: { type: 'integer' },
        },
      },
    },
  },
  {
    $id: 'Calls',
    type: 'object',
    properties: {
      calls: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            id: { type: 'string' },
            state: { type: 'string', enum: ['set-up', 'answered'] },
            caller: { type: 'string' },
            callee: { type: 'string' },
          },
        },
      },
    },
  },
  {
    $id: 'Trunks',
    type: 'object',
    properties: {
      trunks: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            from: { type: 'array', items: { type: 'string' } },
            prefixes: { type: 'array', items: { type: 'string' } },
            nextHops: {
              type: 'array',
              items: {
                type: 'object',
                properties: { uri: { type: 'string' }, alive: { type: 'boolean' } },
              },
            },
          },
        },
      },
    },
  },
  {
    $id: 'Subscriber',
    type: 'object',
    properties: {
      number: { type: 'string' },
      space: { type: 'integer' },
      used: { type: 'integer' },
      createdAt: { type: 'string', format: 'date-time' },
    },
  },
  {
    $id: 'Subscribers',
    type: 'object',
    properties: { subscribers: { type: 'array', items: { $ref: 'Subscriber#' } } },
  },
] as const;

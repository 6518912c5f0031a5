import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { matchesEtag } from './byte-range.ts';
import { HttpProblem } from './problem.ts';
import type { Api } from './schema-types.ts';

/** Only our own files, no inline script or style, nothing from elsewhere; nobody may put us into a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "media-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
}

/**
 * The pages, from memory: what was in the folder at the start is all there is, so no path leads anywhere else.
 * @throws the node error when the folder can't be read.
 */
export function pageRoutes(api: Api, folder: string): void {
  const assets = new Map(
    readdirSync(folder).flatMap((name): [string, Asset][] => {
      const type = TYPES[path.extname(name)];
      return type === undefined ? [] : [[name, assetOf(path.join(folder, name), type)]];
    }),
  );
  const hidden = { schema: { hide: true } };
  const page =
    (name: string) =>
    (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
      send(assets.get(name), request, reply);
  api.get('/', hidden, page('index.html'));
  api.get('/operator', hidden, page('operator.html'));
  const schema = {
    hide: true,
    params: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  } as const;
  api.get('/assets/:name', { schema }, (request, reply) =>
    page(request.params.name)(request, reply),
  );
}

function assetOf(file: string, type: string): Asset {
  const bytes = readFileSync(file);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  return { bytes, type, etag };
}

function send(
  asset: Asset | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (asset === undefined) throw new HttpProblem('not-found', 'there is nothing here');
  const { bytes, type, etag } = asset;
  void reply.headers({ 'content-security-policy': POLICY, 'cache-control': 'no-cache', etag });
  const none = request.headers['if-none-match'];
  if (none !== undefined && matchesEtag(none, etag, true)) return reply.code(304).send();
  return reply.header('content-type', type).send(bytes);
}

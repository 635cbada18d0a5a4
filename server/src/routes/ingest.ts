import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { envelope, ingestLimits } from '@zhanggui/shared/contract/events.ts';
import { ingestNdjson } from '../ingest/ndjson.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const { bodyBytes, eventsPerRequest } = ingestLimits;

const answer = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.array(
    z.object({
      index: z.int().describe('Place in the request, from 0'),
      id: z.string().nullable(),
      code: z.string(),
      detail: z.string(),
      field: z.string().optional(),
    }),
  ),
  rejectedTotal: z
    .int()
    .optional()
    .describe('NDJSON only: how many were rejected; the list names the first 1,000'),
});

/** Facts in. The one route whose cost decides how many tills a server carries: it reads its body itself. */
export const ingestRoutes = ({ committer }: Parts) => [
  route({
    method: 'post',
    path: '/api/v1/events',
    permission: 'events.write',
    tag: 'events',
    summary: 'Take facts in',
    description: `CloudEvents 1.0. One event as application/cloudevents+json or application/json; an array of up to ${eventsPerRequest} as application/cloudevents-batch+json or application/json, 1 MiB at most; application/x-ndjson without limit, committed as it streams in. Binary mode (ce-* headers) is understood too. Answered after commit. An event sent again (same source and id) is counted as a duplicate and changes nothing. Rejected events are kept; see /api/v1/events/rejected.`,
    rawBody: true,
    bodyTypes: [
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
      'application/json',
      'application/x-ndjson',
    ],
    body: z.union([envelope, z.array(envelope)]),
    answer,
    errors: [
      'malformed_json',
      'too_large',
      'too_many_events',
      'unsupported_media_type',
      'overloaded',
      'database_away',
      'shutting_down',
    ],
    handler: async ({ req }) => {
      const type = (req.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
      if (type === 'application/x-ndjson' || type === 'application/ndjson')
        return ingestNdjson(req, committer);
      const binary = req.headers['ce-specversion'] !== undefined;
      if (!binary && !jsonTypes.has(type))
        throw new AppError(
          'unsupported_media_type',
          `Content-Type: ${type || 'none'} is not one of ${[...jsonTypes].join(', ')}, application/x-ndjson`,
        );
      const body = parse(await readBody(req, bodyBytes));
      if (binary) return committer.submit([fromHeaders(req, body)]);
      const events = Array.isArray(body) ? body : [body];
      if (events.length > eventsPerRequest)
        throw new AppError(
          'too_many_events',
          `${events.length} events; at most ${eventsPerRequest} in one request. Use application/x-ndjson for more`,
        );
      if (events.length === 0) return { accepted: 0, duplicates: 0, rejected: [] };
      return committer.submit(events);
    },
  }),
];

const jsonTypes = new Set([
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
]);

/** Reads the whole body. Throws `too_large` beyond `limit` bytes, also when the length was not announced. */
async function readBody(req: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = () =>
    new AppError('too_large', `At most ${limit} bytes in one request. Use application/x-ndjson for more`);
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('malformed_json', `The body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** CloudEvents' binary mode: attributes in ce-* headers (percent-encoded), data in the body. */
function fromHeaders(req: IncomingMessage, data: unknown): Record<string, unknown> {
  const event: Record<string, unknown> = { datacontenttype: req.headers['content-type'], data };
  for (const [name, value] of Object.entries(req.headers))
    if (name.startsWith('ce-') && typeof value === 'string') event[name.slice(3)] = decode(value);
  return event;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

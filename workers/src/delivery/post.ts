/** Posts to addresses that people typed: to nowhere inside, no further than told, and not for ever. */
import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { Reply } from '@zhanggui/shared/delivery/attempt.ts';
import { addressProblem } from '@zhanggui/shared/delivery/endpoint.ts';
import type { Request } from '@zhanggui/shared/delivery/message.ts';

const TIMEOUT_MS = 5_000;
/** Of the answer nothing beyond this is read. */
const MAX_ANSWER = 4 * 1024;

/** This machine, its link, and what clouds tell their machines about themselves. Other addresses of the house may take webhooks. */
const inside = new BlockList();
inside.addSubnet('0.0.0.0', 8);
inside.addSubnet('127.0.0.0', 8);
inside.addSubnet('169.254.0.0', 16);
inside.addAddress('100.100.100.200');
inside.addSubnet('224.0.0.0', 3);
inside.addAddress('::', 'ipv6');
inside.addAddress('::1', 'ipv6');
inside.addSubnet('fe80::', 10, 'ipv6');
inside.addSubnet('fd00:ec2::', 32, 'ipv6');

export const isInside = (address: string): boolean =>
  inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

class RefusedAddress extends Error {
  constructor() {
    super('the address leads to this machine or its surroundings');
  }
}

type Lookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: Error | null, address: LookupAddress[] | string, family?: number) => void,
) => void;

/** The check is made of the addresses that are then connected to: a name may mean another one a moment later. */
const outward: Lookup = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) callback(error, []);
    else if (addresses.some(({ address }) => isInside(address))) callback(new RefusedAddress(), []);
    else if (options.all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

/**
 * Posts once. Never throws: what went wrong is in the reply. Redirects are answers like others, and are not followed.
 *
 * @param allowLocal lets messages go to this machine, over http too: for trying things out
 */
export async function post({ url, headers, body }: Request, allowLocal: boolean): Promise<Reply> {
  const problem = addressProblem(url, allowLocal);
  if (problem !== null) return { refused: `the address ${problem}` };
  const { protocol, hostname } = new URL(url);
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (!allowLocal && isIP(literal) !== 0 && isInside(literal))
    return { refused: new RefusedAddress().message };
  try {
    return await new Promise<Reply>((resolve, reject) => {
      const send = protocol === 'https:' ? requestHttps : requestHttp;
      const outgoing = send(
        url,
        {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'zhanggui' },
          agent: false,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          ...(!allowLocal && { lookup: outward as never }),
        },
        (incoming) => void read(incoming).then(resolve, reject),
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  } catch (error) {
    if (error instanceof RefusedAddress) return { refused: error.message };
    return { broken: reasonOf(error) };
  }
}

async function read(incoming: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop closes the connection.
    if (length >= MAX_ANSWER) break;
  }
  return {
    status: incoming.statusCode ?? 0,
    retryAfter: incoming.headers['retry-after'] ?? null,
    body: Buffer.concat(chunks).subarray(0, MAX_ANSWER).toString('utf8'),
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no connection';
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return `no answer within ${TIMEOUT_MS / 1000} s`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

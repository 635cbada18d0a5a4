/** An NDJSON stream of any length: read in pieces, committed in pieces, with at most two of them in memory. */
import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { ingestLimits, type IngestAnswer } from '@zhanggui/shared/contract/events.ts';
import type { Committer } from '../parts.ts';

const PIECE = 1000;
/** A line that is no JSON is kept as a rejected event; the answer lists only so many. */
const LISTED = 1000;

/**
 * Commits a stream of events, one a line (empty lines are skipped). The answer sums up all of it; `index` counts events.
 * A stream that breaks off keeps what was committed: sent again, those are duplicates. While the queue is full it waits,
 * which stops reading and so slows the sender down.
 */
export async function ingestNdjson(
  req: IncomingMessage,
  committer: Committer,
): Promise<IngestAnswer & { rejectedTotal: number }> {
  const total: IngestAnswer & { rejectedTotal: number } = {
    accepted: 0,
    duplicates: 0,
    rejected: [],
    rejectedTotal: 0,
  };
  let before = 0;
  let pending: Promise<void> = Promise.resolve();
  const commit = async (events: unknown[], first: number) => {
    const answer = await submitPatiently(committer, events);
    total.accepted += answer.accepted;
    total.duplicates += answer.duplicates;
    total.rejectedTotal += answer.rejected.length;
    for (const rejection of answer.rejected)
      if (total.rejected.length < LISTED)
        total.rejected.push({ ...rejection, index: first + rejection.index });
  };
  let piece: unknown[] = [];
  const flush = async () => {
    const events = piece;
    piece = [];
    await pending;
    pending = commit(events, before);
    // Awaited at the next flush; a failure in between must not count as unhandled.
    pending.catch(() => undefined);
    before += events.length;
  };
  for await (const line of lines(req)) {
    piece.push(parseLine(line));
    if (piece.length >= PIECE) await flush();
  }
  if (piece.length > 0) await flush();
  await pending;
  return total;
}

async function submitPatiently(committer: Committer, events: unknown[]): Promise<IngestAnswer> {
  for (;;)
    try {
      return await committer.submit(events);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'overloaded') throw error;
      await sleep(100);
    }
}

/** A line that is no JSON becomes an event that fits no schema, and is rejected with the text kept. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

async function* lines(req: IncomingMessage): AsyncGenerator<string> {
  // Characters may be cut between two chunks.
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of req as AsyncIterable<Buffer>) {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop()!;
    if (rest.length > ingestLimits.eventBytes)
      throw new AppError('too_large', `A line is longer than ${ingestLimits.eventBytes} characters`);
    for (const part of parts) if (part.trim() !== '') yield part;
  }
  rest += decoder.end();
  if (rest.trim() !== '') yield rest;
}

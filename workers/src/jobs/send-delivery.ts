import { outcomeOf, type Outcome } from '@zhanggui/shared/delivery/attempt.ts';
import { claimDelivery, recordAttempt } from '@zhanggui/shared/delivery/delivery-store.ts';
import { bodyOf, requestOf, type Message } from '@zhanggui/shared/delivery/message.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { filled, logged, mayTell, membersOf, unnamed } from '../coupons/message.ts';
import { post } from '../delivery/post.ts';
import { handle } from '../job.ts';

/** Longer waits are left to the sweep: a job that waits in the queue knows nothing of an endpoint that is switched off. */
const SOON_MS = 60_000;
const LONGEST_ERROR = 300;
/** HTTP's word for it: nobody in the message may be written to, so nothing was sent. */
const NOTHING_TO_SAY = 204;

/** One try. It may reach the receiver and the answer get lost: then it comes again, under the same id. */
export default handle('send-delivery', async ({ sql, queues, settings, log, now }, { id }) => {
  if (!(await mayTell(sql, id, new BusinessTime(settings.timeZone), now))) return;
  const claimed = await sql.begin((tx) => claimDelivery(tx, id, now));
  if (claimed === null) return;
  const comeBack = async (delayMs: number): Promise<void> => {
    if (delayMs <= SOON_MS) await queues.add('send-delivery', { payload: { id }, delayMs });
  };
  if ('waitMs' in claimed) return comeBack(claimed.waitMs);

  const { endpoint, attempt } = claimed;
  const message = await filled(sql, claimed.message, now);
  if (message === null) {
    const outcome = { kind: 'sent', status: NOTHING_TO_SAY } as const;
    return recordAttempt(sql, { id, attempt, body: '', members: 0, outcome }, now);
  }
  const { timeZone, publicUrl } = settings;
  const body = bodyOf(endpoint.kind, message, { locale: endpoint.locale, timeZone, publicUrl });
  // What a rehearsal brings about in a copy is nobody's business outside.
  const reply = settings.delivers
    ? await post(requestOf(endpoint, message, body, now), settings.deliveryLocal)
    : { refused: 'DELIVERY is off' };
  const outcome = discreet(outcomeOf(endpoint.kind, reply, attempt, now), endpoint, message);
  const kept = { body: logged(message, body), members: membersOf(message) };
  await recordAttempt(sql, { id, attempt, ...kept, outcome }, now);
  if (outcome.kind === 'retry') await comeBack(outcome.afterMs);
  if (outcome.kind !== 'sent')
    log[outcome.kind === 'failed' ? 'warn' : 'info']({ delivery: id, ...outcome }, 'delivery was not taken');
});

/** Some receivers repeat in their answer what they were sent. */
function discreet(
  outcome: Outcome,
  { url, secret }: { url: string; secret: string | null },
  message: Message,
): Outcome {
  if (outcome.kind === 'sent') return outcome;
  const secrets = [
    url,
    secret,
    ...new URL(url).searchParams.values(),
    new URL(url).pathname.split('/').at(-1),
  ];
  let { error } = outcome;
  for (const text of secrets) if (text && text.length >= 8) error = error.replaceAll(text, '…');
  return { ...outcome, error: unnamed(message, error).slice(0, LONGEST_ERROR) };
}

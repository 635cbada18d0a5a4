import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Signaller } from './signaller.ts';

describe('Signaller', () => {
  it('rings at once when quiet, and once more for what comes during a ring', async () => {
    let rings = 0;
    const signaller = new Signaller({
      enqueue: () => {
        rings += 1;
        return Promise.resolve();
      },
      onError: () => undefined,
    });
    signaller.signalled();
    expect(rings).toBe(1);
    for (let i = 0; i < 100; i++) signaller.signalled();
    expect(rings).toBe(1);
    await signaller.close();
    expect(rings).toBe(2);
    signaller.signalled();
    expect(rings).toBe(3);
    await signaller.close();
  });

  it('never has two jobs under way while the store is away, tells why, and rings when it is back', async () => {
    const errors: unknown[] = [];
    const answers: PromiseWithResolvers<void>[] = [];
    const signaller = new Signaller({
      enqueue: () => {
        answers.push(Promise.withResolvers<void>());
        return answers.at(-1)!.promise;
      },
      onError: (error) => errors.push(error),
    });
    signaller.signalled();
    signaller.signalled();
    await sleep(80);
    expect(answers.length).toBe(1);
    answers[0]!.reject(new Error('away'));
    await expect.poll(() => answers.length).toBe(2);
    expect(errors).toEqual([new Error('away')]);
    answers[1]!.resolve();
    await signaller.close();
    expect(answers.length).toBe(2);
  });

  it('does not wait for ever when it closes', async () => {
    const signaller = new Signaller({
      enqueue: () => new Promise(() => undefined),
      onError: () => undefined,
    });
    signaller.signalled();
    const since = performance.now();
    await signaller.close();
    expect(performance.now() - since).toBeLessThan(10_000);
  });
});

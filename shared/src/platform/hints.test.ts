import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHints, type OpenCarrier } from './hints.ts';
import { createLog } from './log.ts';

const log = createLog('test', 'silent');

/** A carrier between any number of processes in one, like a channel of a database. */
function channel() {
  const sent: string[] = [];
  const receivers = new Set<(text: string) => void>();
  const open: OpenCarrier = (receive) => {
    receivers.add(receive);
    return Promise.resolve({
      send: (text) => {
        sent.push(text);
        for (const each of receivers) each(text);
        return Promise.resolve();
      },
      close: () => Promise.resolve(void receivers.delete(receive)),
    });
  };
  return { open, sent };
}

describe('hints', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('reach this process and the others, once each', async () => {
    const { open } = channel();
    const [a, b] = [await createHints(open, log), await createHints(open, log)];
    const heard: string[] = [];
    a.subscribe((topic) => heard.push(`a:${topic}`));
    b.subscribe((topic) => heard.push(`b:${topic}`));
    a.publish('sales', 'stock');
    expect(heard.sort()).toEqual(['a:sales', 'a:stock', 'b:sales', 'b:stock']);
  });

  it('go out at once when it was quiet, and then together', async () => {
    const { open, sent } = channel();
    const hints = await createHints(open, log);
    hints.publish('sales');
    expect(sent).toHaveLength(1);
    for (let i = 0; i < 1000; i++) hints.publish('sales', 'stock');
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(10);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.split(' ').slice(1)).toEqual(['sales', 'stock']);
    vi.advanceTimersByTime(10);
    hints.publish('sales');
    expect(sent).toHaveLength(3);
  });

  it('may be lost without harm', async () => {
    const hints = await createHints(
      () =>
        Promise.resolve({ send: () => Promise.reject(new Error('away')), close: () => Promise.resolve() }),
      log,
    );
    expect(() => hints.publish('sales')).not.toThrow();
    await vi.runAllTimersAsync();
  });

  it('are not heard after unsubscribing', async () => {
    const hints = await createHints(channel().open, log);
    const listener = vi.fn();
    hints.subscribe(listener)();
    hints.publish('sales');
    expect(listener).not.toHaveBeenCalled();
  });
});

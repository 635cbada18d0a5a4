/** A livestream that shoppers watch: it reports each second who came and what they did. */
import type { Random } from '@zhanggui/shared/demo/random.ts';
import type { ShelfOffer } from '@zhanggui/shared/demo/shopper.ts';
import type { EventSender } from '../event-sender.ts';

/** How long somebody stays, in reports. */
const STAYS = 30;
/** A product is in the host's hands for so many reports. */
const IN_HAND = 20;

export class Show {
  readonly sessionId: string;
  readonly #roomId: string;
  readonly #sender: Pick<EventSender, 'add'>;
  readonly #offers: readonly ShelfOffer[];
  readonly #now: () => number;
  /** Who came in each of the last reports. */
  readonly #came: number[] = [];
  #entered = 0;
  #likes = 0;
  #clicks = 0;
  #reports = 0;

  /** @param offers what is sold in it, at least one */
  constructor(
    run: string,
    {
      sender,
      offers,
      now,
    }: { sender: Pick<EventSender, 'add'>; offers: readonly ShelfOffer[]; now: () => number },
  ) {
    this.sessionId = `${run}-show`;
    this.#roomId = 'rehearsal';
    this.#sender = sender;
    this.#offers = offers;
    this.#now = now;
  }

  get #inHand(): ShelfOffer {
    return this.#offers[Math.floor(this.#reports / IN_HAND) % this.#offers.length]!;
  }

  async begin(): Promise<void> {
    const { sessionId } = this;
    const skus = this.#offers.map(({ code }) => code);
    await this.#tell('live.started', { roomId: this.#roomId, sessionId, title: '预演', skus });
  }

  /** Somebody comes in, likes and clicks, or not. Answers what they see. */
  enter(random: Random): { sessionId: string; offer: ShelfOffer } {
    this.#entered += 1;
    if (random.chance(0.5)) this.#likes += random.between(1, 8);
    if (random.chance(0.4)) this.#clicks += 1;
    return { sessionId: this.sessionId, offer: this.#inHand };
  }

  /** What happened since the last report. */
  async report(): Promise<void> {
    const { sessionId } = this;
    if (this.#reports % IN_HAND === 0) {
      const { code, listPrice } = this.#inHand;
      await this.#tell('live.featured', { sessionId, sku: code, price: listPrice });
    }
    this.#came.push(this.#entered);
    if (this.#came.length > STAYS) this.#came.shift();
    const clicks = this.#clicks;
    await this.#tell('live.pulse', {
      sessionId,
      viewers: this.#came.reduce((sum, each) => sum + each, 0),
      entered: this.#entered,
      likes: this.#likes,
      comments: 0,
      clicks,
      bySku: clicks > 0 ? [{ sku: this.#inHand.code, clicks }] : [],
    });
    this.#reports += 1;
    this.#entered = this.#likes = this.#clicks = 0;
  }

  async end(): Promise<void> {
    await this.#tell('live.ended', { roomId: this.#roomId, sessionId: this.sessionId });
  }

  async #tell(type: string, data: object): Promise<void> {
    const time = new Date(this.#now()).toISOString();
    const id = `${this.sessionId}/${this.#reports}/${type}`;
    await this.#sender.add({ id, source: 'shoppers/live', type, time, data });
  }
}

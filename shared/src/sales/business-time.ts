/**
 * Business days and hours in the company's time zone. Offsets are looked up once per quarter of an hour of real time
 * (every zone's changes fall on one) and remembered, since `Intl` is far too slow for each fact.
 */
const QUARTER = 900_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

export class BusinessTime {
  readonly timeZone: string;
  #format: Intl.DateTimeFormat;
  #offsets = new Map<number, number>();
  #days = new Map<number, string>();

  /** Throws RangeError where the zone is unknown. */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** Milliseconds to add to UTC to get the wall clock at `ms` (epoch milliseconds). */
  offset(ms: number): number {
    const quarter = Math.floor(ms / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      const part: Record<string, number> = {};
      const at = quarter * QUARTER;
      for (const { type, value } of this.#format.formatToParts(at)) part[type] = Number(value);
      offset = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!) - at;
      if (this.#offsets.size > 50_000) this.#offsets.clear();
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  /** Business day `YYYY-MM-DD` of an instant. */
  day(ms: number): string {
    const index = Math.floor((ms + this.offset(ms)) / DAY);
    let day = this.#days.get(index);
    if (day === undefined) {
      day = new Date(index * DAY).toISOString().slice(0, 10);
      if (this.#days.size > 10_000) this.#days.clear();
      this.#days.set(index, day);
    }
    return day;
  }

  /** Epoch milliseconds of a business day's first instant. */
  start(day: string): number {
    const wall = Date.parse(`${day}T00:00:00Z`);
    // The first guess may sit on the wrong side of a clock change; the second is right, since changes are hours apart.
    const guess = wall - this.offset(wall);
    const start = wall - this.offset(guess);
    // Where midnight itself is skipped, the day begins at the first instant that bears its date.
    return this.day(start) < day ? start + 3_600_000 : start;
  }

  /** The business day `days` after `day`. */
  shift(day: string, days: number): string {
    return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
  }

  /** Epoch milliseconds of the start of the wall-clock hour. */
  hour(ms: number): number {
    const offset = this.offset(ms);
    return Math.floor((ms + offset) / 3_600_000) * 3_600_000 - offset;
  }

  /** Epoch milliseconds of the start of the minute. */
  minute(ms: number): number {
    return Math.floor(ms / MINUTE) * MINUTE;
  }
}

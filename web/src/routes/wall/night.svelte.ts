export type NightSettings = { on: boolean; from: string; to: string };

const KEY = 'zhanggui.wall.night';
const standard: NightSettings = { on: true, from: '23:00', to: '07:00' };

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Whether `time` (`HH:MM`) lies in the span, which may go over midnight. Equal ends are no span. */
export function isNight(time: string, { on, from, to }: NightSettings): boolean {
  if (!on || from === to) return false;
  return from < to ? time >= from && time < to : time >= from || time < to;
}

function read(): NightSettings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<NightSettings> | null;
    const settings = { ...standard, ...kept };
    return TIME.test(settings.from) && TIME.test(settings.to) ? settings : standard;
  } catch {
    return standard;
  }
}

/** Dimming by night, a setting of this screen alone: the room it hangs in decides. */
export class Night {
  #settings = $state.raw<NightSettings>(read());

  get settings(): NightSettings {
    return this.#settings;
  }

  change(more: Partial<NightSettings>): void {
    const next = { ...this.#settings, ...more };
    if (!TIME.test(next.from) || !TIME.test(next.to)) return;
    this.#settings = next;
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // A kiosk without storage forgets it at the next reload; nothing else depends on it.
    }
  }
}

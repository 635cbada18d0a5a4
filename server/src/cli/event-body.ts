/** Events on their way out. Apart from the sender, so that a planning thread loads nothing else. */

/** An event before it is checked: the replay also sends what the server may refuse. */
export type OutgoingEvent = { id: string; source: string; type: string; time: string; data: unknown };

/** An event as it goes over the wire. */
export function eventBody(event: OutgoingEvent): string {
  return JSON.stringify({ specversion: '1.0', datacontenttype: 'application/json', ...event });
}

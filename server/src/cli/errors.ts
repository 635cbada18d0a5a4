/** How a command ends. Scripts rely on these numbers. */
export const exitCodes = {
  ok: 0,
  /** It ran, and what it looked at is not as it should be: differences, failed rows. */
  found: 1,
  /** It could not run: wrong usage, no company, no permission. */
  cannot: 2,
  /** Ended by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

/** A command that could not run, with a message for a person. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.cannot, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** Options for a transition; where the system asks for less motion it takes no time. */
export function motion<T extends object>(duration: number, more?: T): T & { duration: number } {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return { ...(more as T), duration: still ? 0 : duration };
}
